/** Tells once when something begins to fail, and once when it works again: not at each attempt. */
export class Trouble {
  readonly #what: string;
  readonly #consequence: string;
  readonly #onNotice: (text: string) => void;
  #since: number | undefined;

  /** @param what `the control cluster`; @param consequence what it means meanwhile */
  constructor(what: string, consequence: string, onNotice: (text: string) => void) {
    this.#what = what;
    this.#consequence = consequence;
    this.#onNotice = onNotice;
  }

  get isThere(): boolean {
    return this.#since !== undefined;
  }

  failed(error: unknown): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    const why = error instanceof Error ? error.message : String(error);
    this.#onNotice(`${this.#what} fails: ${why}; ${this.#consequence}`);
  }

  worked(): void {
    if (this.#since === undefined) return;
    const seconds = ((performance.now() - this.#since) / 1000).toFixed(0);
    this.#since = undefined;
    this.#onNotice(`${this.#what} works again, after ${seconds} s`);
  }
}
