import type { WatchFleetHandler } from '@etcdperf/core/watches';
import { RevisionKeys } from './revision-keys.ts';
import { WatchLag } from './watch-lag.ts';
import { Sighting, WatchLedger } from './watch-ledger.ts';
import type { WatchPlan } from './watch-plan.ts';
import { WatchRevisionLag } from './watch-revision-lag.ts';
import { isStamped, stampedSequence, stampedStart } from './watch-stamp.ts';

/** Brings together what is written and what the watchers see of it. */
export class WatchTracker implements WatchFleetHandler {
  readonly ledger: WatchLedger;
  readonly lag: WatchLag;
  /** When the last event was read, by performance.now(); 0: there was none. */
  lastEventAt = 0;
  /** Events of writes that are not of this run. */
  foreign = 0;
  readonly #plan: WatchPlan;
  readonly #run: number | undefined;
  readonly #byRevision: WatchRevisionLag;
  /** Where a watcher can see several keys. */
  readonly #firstKeys: RevisionKeys | undefined;
  /** Of the put whose event came last. */
  #revision = 0;

  /**
   * @param run what the values of this run are stamped with; undefined: they are too short for that
   * @param warmupMs from the first write on; events of that time are not timed
   */
  constructor(plan: WatchPlan, run: number | undefined, warmupMs = 0) {
    this.lag = new WatchLag(warmupMs);
    this.#byRevision = new WatchRevisionLag(this.lag);
    this.#plan = plan;
    this.#run = run;
    this.#firstKeys = plan.isNested ? new RevisionKeys() : undefined;
    this.ledger = new WatchLedger(plan.rangeOf, plan.ranges);
  }

  // ---- of the writes

  onSent(sequence: number, startedAt: number, key: number): void {
    this.lag.onSent(sequence, startedAt, performance.now(), key);
  }

  /** @param revision 0: nothing was changed */
  onAcknowledged(sequence: number, kind: 'put' | 'delete', revision: number, now: number): void {
    if (revision > 0) {
      this.#tellRanges(this.lag.keyOf(sequence), revision);
      if (kind === 'delete' || this.#run === undefined) this.#byRevision.onAcknowledged(sequence, revision);
    }
    this.lag.onAcknowledged(sequence, now);
  }

  onFailed(sequence: number): void {
    this.lag.onFailed(sequence);
  }

  // ---- of the watchers

  onEvent(
    watcher: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    revision: number,
    now: number,
  ): void {
    const sighting = this.ledger.onEvent(watcher, revision);
    if (sighting === Sighting.duplicate) {
      if (this.#firstKeys?.isAnother(revision, bytes, keyStart, keyEnd) === true) this.foreign += 1;
      else this.ledger.onDuplicate(watcher);
      return;
    }
    // Of the same write, in the same read, as most are: the value has been read.
    if (revision === this.#revision && now === this.lastEventAt) this.lag.onSameEvent();
    else this.#time(type, bytes, valueStart, valueEnd, revision, now);
    if (sighting === Sighting.first && this.#firstKeys !== undefined) {
      this.#firstKeys.note(revision, bytes, keyStart, keyEnd);
      const key = this.#plan.keys.numberOf(bytes, keyStart, keyEnd);
      if (key >= 0) this.#tellRanges(key, revision);
    }
  }

  onGap(watcher: number, toRevision: number): void {
    this.ledger.onGap(watcher, toRevision);
  }

  /** To be called now and then, and before counts are read. */
  settle(): void {
    this.ledger.settle(this.lag.begun, this.lag.oldestOpen);
  }

  #time(type: 'put' | 'delete', bytes: Buffer, start: number, end: number, revision: number, now: number): void {
    this.lastEventAt = now;
    this.#revision = 0;
    if (type === 'delete' || this.#run === undefined) this.#byRevision.onEvent(revision, now);
    else if (isStamped(bytes, start, end, this.#run)) {
      this.lag.onEvent(stampedSequence(bytes, start), stampedStart(bytes, start), now);
      this.#revision = revision;
    } else this.foreign += 1;
  }

  #tellRanges(key: number, revision: number): void {
    for (const range of this.#plan.rangesOf(key)) this.ledger.onWrite(range, revision);
  }
}
