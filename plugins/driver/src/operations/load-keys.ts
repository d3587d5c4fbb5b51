import type { LoadOperation, LoadRequest, Outcome, PartGoal } from '@etcdperf/core/load';
import { KeyPuts, type WriteParts } from './key-puts.ts';
import { KeyQueue } from './key-queue.ts';
import { RETRY_MS } from './retry.ts';

/** Writes keys of a pattern, in their order, once; those whose put failed or may have, again until it succeeds. */
export class LoadKeys implements LoadOperation, PartGoal {
  readonly kinds = [{ name: 'load', isWrite: true }];
  readonly #end: number;
  readonly #puts: KeyPuts;
  /** To be put again. */
  readonly #again = new KeyQueue();
  #next: number;

  /**
   * @param from keys before this one are there already
   * @param end this one and those after it are not written; default: all are
   */
  constructor(parts: WriteParts, from: number, end = parts.space.size) {
    this.#end = end;
    this.#puts = new KeyPuts(parts);
    this.#next = from;
  }

  /** All keys before this one are acknowledged. */
  get loaded(): number {
    return Math.min(this.#next, this.#puts.chosenKey, this.#puts.open.smallestFirst(), this.#again.smallest());
  }

  get hasNext(): boolean {
    return this.#next < this.#end || this.#puts.chosen !== undefined || this.#isAgainDue();
  }

  get isDone(): boolean {
    const isAllSent = this.#next === this.#end && this.#puts.chosen === undefined;
    return isAllSent && this.#again.length === 0 && this.#puts.open.count === 0;
  }

  next(): LoadRequest {
    const { chosen } = this.#puts;
    if (chosen !== undefined) return chosen;
    // Soon, not at the end: else one failure would have a resumed run load nearly all of it again.
    if (this.#isAgainDue()) return this.#puts.choose(this.#again.shift());
    this.#next += 1;
    return this.#puts.choose(this.#next - 1);
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    this.#puts.fill(bytes, at, sequence);
  }

  onMessage(_kind: number, sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#puts.onMessage(sequence, bytes, start, end);
  }

  onOutcome(_kind: number, sequence: number, outcome: Outcome, startedAt: number, now: number): void {
    const key = this.#puts.onOutcome(sequence, outcome, startedAt, now);
    if (outcome !== 'ok') this.#again.push(key, now + RETRY_MS);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#puts.counters();
  }

  #isAgainDue(): boolean {
    return this.#again.length > 0 && this.#again.firstDueAt <= performance.now();
  }
}
