/** Callers of one lane that want to send, in the order in which they became free, each with that time. */
export class CallerQueue {
  readonly #freeSince: Float64Array;
  #first = 0;
  #count = 0;

  /** @param capacity as many callers as there are */
  constructor(capacity: number) {
    this.#freeSince = new Float64Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** When the first caller became free. Only where there is one. */
  get first(): number {
    return this.#freeSince[this.#first]!;
  }

  push(freeSince: number): void {
    let at = this.#first + this.#count;
    if (at >= this.#freeSince.length) at -= this.#freeSince.length;
    this.#freeSince[at] = freeSince;
    this.#count += 1;
  }

  shift(): void {
    this.#first += 1;
    if (this.#first === this.#freeSince.length) this.#first = 0;
    this.#count -= 1;
  }
}
