import { type Outcome, Series } from '@etcdperf/core/load';
import { EarlyArrivals } from '@etcdperf/core/watches';
import type { WriteObserver } from '../verify/write-observer.ts';

const NS_PER_MS = 1e6;
/** So many of the latest revisions are remembered. */
const SLOTS = 1 << 16;
const MASK = SLOTS - 1;
/** Events of writes that nobody has acknowledged yet: ours soon will be, those of others never. */
const MOST_EARLY = 1 << 18;

export const deliverySeries = 'watch delivery';

/**
 * How long events of this driver's own writes were on their way, from the intended start of the write, found by revision.
 * An event may come before its write's answer. Memory is fixed; what many watchers have of one write by one read is
 * recorded once, with a count.
 */
export class DeliveryLag implements WriteObserver {
  /** Events that could not be timed: of others' writes, of writes without an answer, or of long ago. Of all time. */
  untimed = 0;
  readonly #writtenRevisions = new Float64Array(SLOTS);
  readonly #startedAt = new Float64Array(SLOTS);
  readonly #earlyRevisions = new Float64Array(SLOTS);
  readonly #early = new EarlyArrivals(SLOTS);
  #earlyCount = 0;
  #series = new Series(deliverySeries);
  /** Events of one write in one read, not recorded yet. */
  #revision = 0;
  #now = 0;
  #count = 0;
  /** Of the write whose early events are being taken. */
  #startedAtOfTaken = 0;

  onPutSent(): void {}

  onDeleteSent(): void {}

  onPutEnded(_key: number, _write: number, outcome: Outcome, revision: number, now: number, startedAt = now): void {
    if (outcome === 'ok') this.onWritten(revision, startedAt);
  }

  onDeleteEnded(_first: number, _end: number, outcome: Outcome, revision: number, now: number, startedAt = now): void {
    if (outcome === 'ok') this.onWritten(revision, startedAt);
  }

  /** A write was acknowledged with this revision; it was intended to start then, by performance.now(). */
  onWritten(revision: number, startedAt: number): void {
    if (revision === this.#revision) this.#record();
    const slot = revision & MASK;
    this.#writtenRevisions[slot] = revision;
    this.#startedAt[slot] = startedAt;
    if (this.#earlyRevisions[slot] !== revision) return;
    this.#earlyRevisions[slot] = 0;
    this.#startedAtOfTaken = startedAt;
    this.#early.take(slot, this.#recordEarly);
  }

  /** A watcher has an event of that revision. */
  onEvent(revision: number, now: number): void {
    if (revision === this.#revision && now === this.#now) {
      this.#count += 1;
      return;
    }
    this.#record();
    this.#revision = revision;
    this.#now = now;
    this.#count = 1;
  }

  /** What was recorded since the last call. */
  take(): Series {
    this.#record();
    const series = this.#series;
    this.#series = new Series(deliverySeries);
    return series;
  }

  #record(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    const slot = this.#revision & MASK;
    if (this.#writtenRevisions[slot] === this.#revision) this.#add(this.#now - this.#startedAt[slot]!, count);
    // A later revision has the slot: the answer would be too late.
    else if (this.#writtenRevisions[slot]! > this.#revision || this.#earlyRevisions[slot]! > this.#revision)
      this.untimed += count;
    else this.#keepEarly(slot, count);
  }

  #keepEarly(slot: number, count: number): void {
    if (this.#earlyRevisions[slot] !== this.#revision) {
      if (this.#early.has(slot)) this.#early.take(slot, this.#forgetEarly);
      this.#earlyRevisions[slot] = this.#revision;
    }
    if (this.#earlyCount >= MOST_EARLY) {
      this.untimed += count;
      return;
    }
    this.#earlyCount += 1;
    this.#early.add(slot, this.#now, count);
  }

  readonly #recordEarly = (at: number, count: number): void => {
    this.#earlyCount -= 1;
    this.#add(at - this.#startedAtOfTaken, count);
  };

  readonly #forgetEarly = (_at: number, count: number): void => {
    this.#earlyCount -= 1;
    this.untimed += count;
  };

  #add(lagMs: number, count: number): void {
    this.#series.ok += count;
    this.#series.latency.record(Math.max(0, lagMs) * NS_PER_MS, count);
  }
}
