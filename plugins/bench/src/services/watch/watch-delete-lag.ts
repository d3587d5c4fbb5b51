import type { WatchLag } from './watch-lag.ts';

const SLOTS = 1 << 14;
const MASK = SLOTS - 1;
/** Revisions that events told of and no acknowledgement did: their deletes failed, or are somebody else's. */
const MOST_UNCLAIMED = 10_000;

/**
 * An event of a delete has no value that could tell of its request: it is found by its revision, which the
 * acknowledgement tells, before or after.
 */
export class WatchDeleteLag {
  readonly #lag: WatchLag;
  readonly #revisions = new Float64Array(SLOTS);
  readonly #sequences = new Float64Array(SLOTS);
  readonly #unclaimed = new Map<number, number[]>();

  constructor(lag: WatchLag) {
    this.#lag = lag;
  }

  onEvent(revision: number, now: number): void {
    const slot = revision & MASK;
    if (this.#revisions[slot] === revision) {
      this.#lag.onEventOf(this.#sequences[slot]!, now);
      return;
    }
    const arrivals = this.#unclaimed.get(revision);
    if (arrivals !== undefined) arrivals.push(now);
    else {
      this.#unclaimed.set(revision, [now]);
      if (this.#unclaimed.size > MOST_UNCLAIMED) this.#dropOldest();
    }
  }

  onAcknowledged(sequence: number, revision: number): void {
    const slot = revision & MASK;
    this.#revisions[slot] = revision;
    this.#sequences[slot] = sequence;
    const arrivals = this.#unclaimed.get(revision);
    if (arrivals === undefined) return;
    this.#unclaimed.delete(revision);
    for (const now of arrivals) this.#lag.onEventOf(sequence, now);
  }

  #dropOldest(): void {
    for (const [revision, arrivals] of this.#unclaimed) {
      this.#unclaimed.delete(revision);
      this.#lag.untimed += arrivals.length;
      return;
    }
  }
}
