/** What was not sent while etcd was slow may be caught up with, so much of it at most. */
const CREDIT_MS = 500;

/** A rate in keys, for batches of any number of keys. All times by performance.now(). */
export class KeyBudget {
  readonly #msPerKey: number;
  #nextAt = Number.NEGATIVE_INFINITY;

  /** @param ratePerSec keys */
  constructor(ratePerSec: number) {
    this.#msPerKey = 1000 / ratePerSec;
  }

  /** How long the next batch has to wait. */
  waitMs(now: number): number {
    return Math.max(0, this.#nextAt - now);
  }

  /** A batch of so many keys is sent now. */
  spend(keys: number, now: number): void {
    // The first one has no time behind it to catch up with.
    const from = this.#nextAt === Number.NEGATIVE_INFINITY ? now : Math.max(this.#nextAt, now - CREDIT_MS);
    this.#nextAt = from + keys * this.#msPerKey;
  }
}
