import type { DueQueue, LoadOperation, LoadRequest, Outcome, PartGoal } from '@etcdperf/core/load';
import { KeyPuts, type WriteParts } from './key-puts.ts';
import { KeyQueue } from './key-queue.ts';
import { RETRY_MS } from './retry.ts';
import type { SubtreesInFlight } from './subtrees-in-flight.ts';

/** Writes the keys of deleted subtrees anew, each as soon as its deletion was answered, and again until it succeeds. */
export class RewriteKeys implements LoadOperation, DueQueue, PartGoal {
  readonly kinds = [{ name: 'churn put', isWrite: true }];
  readonly #inFlight: SubtreesInFlight;
  readonly #puts: KeyPuts;
  /** By their first keys, subtrees of which nothing is written yet. */
  readonly #subtrees = new KeyQueue();
  /** Single keys whose put did not succeed. */
  readonly #again = new KeyQueue();
  /** Of the subtree that is being written: its next key, and where it ends. */
  #next = 0;
  #end = 0;
  #dueAt = 0;
  #chosenDueAt = 0;

  constructor(parts: WriteParts, inFlight: SubtreesInFlight) {
    this.#puts = new KeyPuts(parts);
    this.#inFlight = inFlight;
  }

  /** All keys of the subtree are to be written, from that time on. */
  add(firstKey: number, dueAt: number): void {
    this.#subtrees.push(firstKey, dueAt);
  }

  get nextDueAt(): number {
    if (this.#puts.chosen !== undefined) return this.#chosenDueAt;
    const current = this.#next < this.#end ? this.#dueAt : Number.POSITIVE_INFINITY;
    return Math.min(current, this.#subtrees.firstDueAt, this.#again.firstDueAt);
  }

  get hasNext(): boolean {
    return this.nextDueAt <= performance.now();
  }

  get isDone(): boolean {
    return this.nextDueAt === Number.POSITIVE_INFINITY && this.#puts.open.count === 0;
  }

  /** The first that comes due. */
  next(): LoadRequest {
    const { chosen } = this.#puts;
    if (chosen !== undefined) return chosen;
    if (this.#next === this.#end && this.#subtrees.firstDueAt <= this.#again.firstDueAt) {
      this.#dueAt = this.#subtrees.firstDueAt;
      this.#next = this.#subtrees.shift();
      this.#end = this.#next + this.#inFlight.keysBelow;
    }
    const isCurrent = this.#next < this.#end && this.#dueAt <= this.#again.firstDueAt;
    this.#chosenDueAt = isCurrent ? this.#dueAt : this.#again.firstDueAt;
    if (!isCurrent) return this.#puts.choose(this.#again.shift());
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
    if (outcome === 'ok') this.#inFlight.onWritten(key);
    else this.#again.push(key, now + RETRY_MS);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#puts.counters();
  }
}
