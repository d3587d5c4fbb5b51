import type { LoadOperation, LoadRequest, Outcome, PartGoal } from '@etcdperf/core/load';
import { Random } from '@etcdperf/core/workload';
import { KeyPuts, type WriteParts } from './key-puts.ts';
import type { SubtreesInFlight } from './subtrees-in-flight.ts';

/** Random choices before the nearest free subtree is taken. */
const MOST_CHOICES = 8;

/** New values for random keys, but for those whose subtree is being deleted and written anew. */
export class ChurnValues implements LoadOperation, PartGoal {
  readonly kinds = [{ name: 'value put', isWrite: true }];
  readonly isDone = false;
  readonly #size: number;
  readonly #puts: KeyPuts;
  readonly #random: Random;
  readonly #inFlight: SubtreesInFlight | undefined;

  constructor(parts: WriteParts, seed: number, inFlight: SubtreesInFlight | undefined) {
    this.#size = parts.space.size;
    this.#puts = new KeyPuts(parts);
    this.#random = new Random(seed);
    this.#inFlight = inFlight;
  }

  /** False only while every subtree there is has to be written anew. */
  get hasNext(): boolean {
    const inFlight = this.#inFlight;
    return inFlight === undefined || inFlight.size === 0 || inFlight.size * inFlight.keysBelow < this.#size;
  }

  next(): LoadRequest {
    return this.#puts.chosen ?? this.#puts.choose(this.#chooseKey());
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    this.#puts.fill(bytes, at, sequence);
  }

  onMessage(_kind: number, sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#puts.onMessage(sequence, bytes, start, end);
  }

  onOutcome(_kind: number, sequence: number, outcome: Outcome, startedAt: number, now: number): void {
    this.#puts.onOutcome(sequence, outcome, startedAt, now);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#puts.counters();
  }

  #chooseKey(): number {
    let key = this.#random.below(this.#size);
    const inFlight = this.#inFlight;
    if (inFlight === undefined) return key;
    for (let choices = 1; choices < MOST_CHOICES && inFlight.hasKey(key); choices += 1)
      key = this.#random.below(this.#size);
    // `hasNext` said that there is a free one.
    while (inFlight.hasKey(key)) key = (key + inFlight.keysBelow) % this.#size;
    return key;
  }
}
