/** Numbers the writes of a run, over all that write: no two have the same number. */
export class WriteCounter {
  #next: number;

  /** @param from where the run before ended; 0: there was none */
  constructor(from = 0) {
    this.#next = from;
  }

  /** The number of another write. */
  next(): number {
    const number = this.#next;
    this.#next += 1;
    return number;
  }

  /** What the next write will be numbered. */
  get nextWrite(): number {
    return this.#next;
  }
}
