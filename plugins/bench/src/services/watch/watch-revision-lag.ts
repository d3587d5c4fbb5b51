import type { WatchLag } from './watch-lag.ts';

const SLOTS = 1 << 16;
const MASK = SLOTS - 1;
/** Revisions that events told of and no acknowledgement did: their writes failed, or are somebody else's. */
const MOST_UNCLAIMED = 10_000;

/**
 * Of writes whose events have no value that could tell of them (deletes, and puts of a few bytes): these are found by
 * their revision, which the acknowledgement tells, before or after.
 */
export class WatchRevisionLag {
  readonly #lag: WatchLag;
  readonly #revisions = new Float64Array(SLOTS);
  readonly #sequences = new Float64Array(SLOTS);
  /** By revision: when events came, and how many then, in turn. */
  readonly #unclaimed = new Map<number, number[]>();

  constructor(lag: WatchLag) {
    this.#lag = lag;
  }

  onEvent(revision: number, now: number): void {
    const slot = revision & MASK;
    if (this.#revisions[slot] === revision) {
      this.#lag.onEventOf(this.#sequences[slot]!, now, 1);
      return;
    }
    const arrivals = this.#unclaimed.get(revision);
    if (arrivals === undefined) {
      this.#unclaimed.set(revision, [now, 1]);
      if (this.#unclaimed.size > MOST_UNCLAIMED) this.#dropOldest();
    } else if (arrivals.at(-2) === now) arrivals[arrivals.length - 1]! += 1;
    else arrivals.push(now, 1);
  }

  onAcknowledged(sequence: number, revision: number): void {
    const slot = revision & MASK;
    this.#revisions[slot] = revision;
    this.#sequences[slot] = sequence;
    const arrivals = this.#unclaimed.get(revision);
    if (arrivals === undefined) return;
    this.#unclaimed.delete(revision);
    for (let i = 0; i < arrivals.length; i += 2) this.#lag.onEventOf(sequence, arrivals[i]!, arrivals[i + 1]!);
  }

  #dropOldest(): void {
    for (const [revision, arrivals] of this.#unclaimed) {
      this.#unclaimed.delete(revision);
      for (let i = 1; i < arrivals.length; i += 2) this.#lag.untimed += arrivals[i]!;
      return;
    }
  }
}
