import type { LeaseLedger } from '@etcdperf/core/leases';

/** When leases run out, by performance.now(), ascending. */
export class DueTimes {
  readonly #times: Float64Array;

  constructor(ledger: LeaseLedger, numbers: Int32Array) {
    this.#times = Float64Array.from(numbers, (number) => ledger.dueAt(number)).sort();
  }

  get count(): number {
    return this.#times.length;
  }

  get first(): number {
    return this.#times[0] ?? Number.NaN;
  }

  get last(): number {
    return this.#times.at(-1) ?? Number.NaN;
  }

  /** How many are due at `now`. */
  countBy(now: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]! <= now) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
