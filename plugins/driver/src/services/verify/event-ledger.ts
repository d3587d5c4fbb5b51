import { AwaitedEvents } from './awaited-events.ts';
import { type AcknowledgedWrites, Held, type KeyLedger } from './key-ledger.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { WatcherStates } from './watcher-states.ts';

/**
 * Whether every watcher is told every event of followed keys once and in order. Acknowledged writes are awaited from all
 * watchers that see their key; an event may come before its write's answer. Events in order that all have cost a few
 * comparisons; what is kept follows how far the slowest watcher is behind.
 */
export class EventLedger implements WatchObserver, AcknowledgedWrites {
  /** Bytes for each followed key. */
  static readonly bytesEach = 8 + 4;
  checkedEvents = 0;
  /** Watchers were so far behind that there was no room: losses up to this revision were not looked for. */
  overflownAt = 0;
  readonly awaited: AwaitedEvents;
  readonly watchers: WatcherStates;
  readonly #ledger: KeyLedger;
  /** By slot: the latest revision that all watchers told. */
  readonly #done: Float64Array;
  /** What is later is awaited from every watcher. */
  #awaitedFrom = Number.POSITIVE_INFINITY;

  /** @param mostAwaited events that not all watchers told yet */
  constructor(ledger: KeyLedger, watchers: WatcherStates, mostAwaited: number) {
    this.#ledger = ledger;
    this.watchers = watchers;
    this.awaited = new AwaitedEvents(ledger.keys.count, mostAwaited);
    this.#done = new Float64Array(ledger.keys.count);
    ledger.listener = this;
  }

  onAllInPlace(revision: number): void {
    this.#awaitedFrom = Math.max(revision, this.#ledger.latestRevision);
  }

  onGap(watcher: number, toRevision: number): void {
    const fromRevision = this.watchers.addGap(watcher, toRevision);
    this.#ledger.findings.addGap(watcher, fromRevision, toRevision);
  }

  onEnded(watcher: number): void {
    this.watchers.end(watcher);
  }

  onEvent(
    watcher: number,
    key: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    valueStart: number,
    valueEnd: number,
    revision: number,
    now: number,
  ): void {
    const { watchers } = this;
    const last = watchers.lastRevision(watcher);
    const isRepeated = revision === last && watchers.lastKey(watcher) === key;
    if (revision >= last) watchers.pass(watcher, revision, key);
    const slot = key < 0 ? -1 : this.#ledger.keys.slotOf(key);
    if (slot < 0) return;
    this.checkedEvents += 1;
    let place = this.awaited.find(slot, revision);
    if (isRepeated || (place === 0 && revision <= this.#done[slot]!)) {
      this.#ledger.findings.add('duplicate-event', key, revision, `watcher ${watcher} was told it again`);
      return;
    }
    if (revision < last)
      this.#ledger.findings.add('reordered-event', key, revision, `watcher ${watcher} had revision ${last} before`);
    if (revision <= this.#awaitedFrom) {
      this.#judgeUnawaited(slot, key, type, bytes, valueStart, valueEnd, revision, now);
      return;
    }
    if (place !== 0) this.#judgeAgain(place, key, type, bytes, valueStart, valueEnd, revision);
    else place = this.#judgeFirst(slot, key, type, bytes, valueStart, valueEnd, revision, now);
    if (place === 0) return;
    this.awaited.tick(place, watchers.markOf(watcher));
    this.#forgetIfTold(place);
  }

  onPut(slot: number, revision: number, write: number): void {
    const place = this.#claim(slot, revision, write);
    if (place === 0) return;
    const held = this.awaited.heldAt(place);
    if (held !== write && held !== Held.foreign)
      this.#ledger.findings.add(
        'wrong-event',
        this.#ledger.keys.keyOf(slot),
        revision,
        `write ${write} was acknowledged, watchers were told ${held >= 0 ? `write ${held}` : 'something else'}`,
      );
    this.#forgetIfTold(place);
  }

  onDelete(slot: number, revision: number, isCertain: boolean): void {
    const place = this.#claim(slot, revision, Held.deleted);
    if (place === 0) return;
    if (!isCertain) this.awaited.setOptional(place);
    this.#forgetIfTold(place);
  }

  /** The place of what was acknowledged; 0: it isn't awaited. */
  #claim(slot: number, revision: number, held: number): number {
    if (revision <= this.#awaitedFrom) return 0;
    let place = this.awaited.find(slot, revision);
    if (place === 0) {
      // It may have been forgotten without its answer.
      if (revision <= this.#done[slot]! && this.#ledger.isBlurred(slot)) return 0;
      place = this.#await(slot, revision, held);
    }
    if (place !== 0) this.awaited.claim(place);
    return place;
  }

  #await(slot: number, revision: number, held: number): number {
    const { watchers } = this;
    watchers.count(this.#ledger.keys.keyOf(slot));
    if (watchers.counted === 0) return 0;
    const place = this.awaited.add(slot, revision, held, watchers.counted, watchers.marks);
    if (place === 0) this.#giveUp(revision);
    return place;
  }

  /** Nobody told this event before, nor is its write acknowledged. */
  #judgeFirst(
    slot: number,
    key: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    start: number,
    end: number,
    revision: number,
    now: number,
  ): number {
    const held = this.#judgeNews(slot, key, type, bytes, start, end, revision, now);
    const place = this.#await(slot, revision, held);
    if (place !== 0 && !this.#mayBeAnswered(key, held)) this.awaited.claim(place);
    return place;
  }

  #mayBeAnswered(key: number, held: number): boolean {
    return held >= 0 || (held === Held.deleted && this.#ledger.deletes.overlaps(key, key + 1, false));
  }

  #judgeAgain(
    place: number,
    key: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    start: number,
    end: number,
    revision: number,
  ): void {
    const held = this.awaited.heldAt(place);
    if (held === Held.foreign || held === Held.earlier) return;
    const { codec, findings } = this.#ledger;
    if ((type === 'delete') !== (held === Held.deleted))
      findings.add('wrong-event', key, revision, `a ${type}, and it was ${held < 0 ? 'a delete' : `write ${held}`}`);
    else if (held >= 0 && !codec.fits(bytes, start, end, key, held))
      findings.add('wrong-value', key, revision, `an event's value is not what write ${held} put there`);
  }

  /** An event of before all watchers were in place, or of what there was no room for. */
  #judgeUnawaited(
    slot: number,
    key: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    start: number,
    end: number,
    revision: number,
    now: number,
  ): void {
    const ledger = this.#ledger;
    const known = ledger.revisionOf(slot);
    if (revision > known) {
      if (revision > ledger.startRevision) this.#judgeNews(slot, key, type, bytes, start, end, revision, now);
      return;
    }
    const held = ledger.heldAt(slot);
    if (revision === known && held >= 0 && (type === 'delete' || !ledger.codec.fits(bytes, start, end, key, held)))
      ledger.findings.add('wrong-event', key, revision, `it is not what write ${held} put there`);
  }

  #judgeNews(
    slot: number,
    key: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    start: number,
    end: number,
    revision: number,
    now: number,
  ): number {
    const ledger = this.#ledger;
    let held: number = Held.deleted;
    if (type === 'put') held = ledger.judgeNews(slot, revision, bytes, start, end);
    else if (!ledger.judgeDeletion(slot, revision, now)) {
      held = Held.foreign;
      ledger.findings.add('foreign-write', key, revision, `deleted by none of ours; it was ${ledger.describe(slot)}`);
    }
    ledger.settle(slot, revision, held, now);
    return held;
  }

  #forgetIfTold(place: number): void {
    if (this.awaited.isToldByAll(place) && this.awaited.isClaimed(place)) this.forget(place);
  }

  /** It needs no more watching. */
  forget(place: number): void {
    const slot = this.awaited.slotAt(place);
    this.#done[slot] = Math.max(this.#done[slot]!, this.awaited.revisionAt(place));
    this.awaited.remove(place);
  }

  #giveUp(revision: number): void {
    const { awaited } = this;
    for (let place = 1; place < awaited.end; place += 1) if (awaited.isInUse(place)) awaited.remove(place);
    this.#awaitedFrom = Math.max(revision, this.#ledger.latestRevision);
    this.overflownAt = this.#awaitedFrom;
  }
}
