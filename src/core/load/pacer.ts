export interface Pace {
  /** When request 0 of the first thread is due, by performance.now(). */
  readonly startsAt: number;
  /** Of all threads together. */
  readonly ratePerSec: number;
  /** This thread's place: it sends every `count`-th request, `index` first. */
  readonly index: number;
  readonly count: number;
}

/**
 * When each request of an open loop is due: evenly spread, and known in advance whatever happens on the way. Pure
 * arithmetic on the number of the request, so that nothing adds up over millions of them.
 */
export class Pacer {
  readonly #startsAt: number;
  readonly #firstMs: number;
  readonly #periodMs: number;

  constructor({ startsAt, ratePerSec, index, count }: Pace) {
    this.#startsAt = startsAt;
    this.#firstMs = (index * 1000) / ratePerSec;
    this.#periodMs = (count * 1000) / ratePerSec;
  }

  /** When this thread's request `number` (from 0) is due. */
  dueAt(number: number): number {
    return this.#startsAt + (this.#firstMs + number * this.#periodMs);
  }

  /** How many of this thread's requests are due before `time`. */
  countBefore(time: number): number {
    const estimate = Math.ceil((time - this.#startsAt - this.#firstMs) / this.#periodMs);
    if (!(estimate > 0)) return 0;
    // A division rounds otherwise than the product above.
    if (this.dueAt(estimate - 1) >= time) return estimate - 1;
    return this.dueAt(estimate) < time ? estimate + 1 : estimate;
  }
}
