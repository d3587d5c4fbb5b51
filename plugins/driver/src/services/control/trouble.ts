/** Tells once when something begins to fail, and once when it works again: not at each attempt. */
export class Trouble {
  readonly #what: string;
  readonly #consequence: string;
  readonly #onNotice: (text: string) => void;
  #isThere = false;
  #workedAt = performance.now();

  /** @param what `the control cluster`; @param consequence what it means meanwhile */
  constructor(what: string, consequence: string, onNotice: (text: string) => void) {
    this.#what = what;
    this.#consequence = consequence;
    this.#onNotice = onNotice;
  }

  get isThere(): boolean {
    return this.#isThere;
  }

  failed(error: unknown): void {
    if (this.#isThere) return;
    this.#isThere = true;
    const why = error instanceof Error ? error.message : String(error);
    this.#onNotice(`${this.#what} fails: ${why}; ${this.#consequence}`);
  }

  worked(): void {
    const seconds = ((performance.now() - this.#workedAt) / 1000).toFixed(0);
    this.#workedAt = performance.now();
    if (!this.#isThere) return;
    this.#isThere = false;
    this.#onNotice(`${this.#what} works again, after ${seconds} s`);
  }
}
