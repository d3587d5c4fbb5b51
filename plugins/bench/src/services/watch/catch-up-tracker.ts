import { Series } from '@etcdperf/core/load';
import type { WatchFleetHandler } from '@etcdperf/core/watches';
import { Sighting, WatchLedger } from './watch-ledger.ts';

const NS_PER_MS = 1e6;

/** Times watchers that read a history whose revisions are known: each is done with the last of them. */
export class CatchUpTracker implements WatchFleetHandler {
  readonly ledger: WatchLedger;
  /** When the watches were asked for, by performance.now(). */
  startedAt = 0;
  /** When the last event was read, by performance.now(); 0: there was none. */
  lastEventAt = 0;
  /** Of what was delivered: events of writes that came after the history. */
  foreign = 0;
  /** Watchers that are through. */
  done = 0;
  readonly #last: number;
  readonly #isDone: Uint8Array;
  #series = new Series(catchUpSeries);

  /** @param revisions of the history, ascending */
  constructor(watchers: number, revisions: readonly number[]) {
    this.ledger = new WatchLedger(new Int32Array(watchers), 1);
    for (const revision of revisions) this.ledger.onWrite(0, revision);
    this.ledger.settle(0, 0);
    this.#last = revisions.at(-1) ?? 0;
    this.#isDone = new Uint8Array(watchers);
  }

  onEvent(
    watcher: number,
    _type: 'put' | 'delete',
    _bytes: Buffer,
    _keyStart: number,
    _keyEnd: number,
    _valueStart: number,
    _valueEnd: number,
    revision: number,
    now: number,
  ): void {
    if (revision > this.#last) {
      this.foreign += 1;
      return;
    }
    if (this.ledger.onEvent(watcher, revision) === Sighting.duplicate) {
      this.ledger.onDuplicate(watcher);
      return;
    }
    this.lastEventAt = now;
    if (revision === this.#last) this.#finish(watcher, now);
  }

  onGap(watcher: number, toRevision: number): void {
    this.ledger.onGap(watcher, toRevision);
    // Nothing of the history is left for it.
    if (toRevision >= this.#last) this.#finish(watcher, undefined);
  }

  /** What was recorded since the last call: a watcher's time from the beginning to its last event. */
  take(): Series {
    const series = this.#series;
    this.#series = new Series(catchUpSeries);
    return series;
  }

  /** @param now undefined: without having seen it */
  #finish(watcher: number, now: number | undefined): void {
    if (this.#isDone[watcher] === 1) return;
    this.#isDone[watcher] = 1;
    this.done += 1;
    if (now === undefined) this.#series.fail += 1;
    else {
      this.#series.ok += 1;
      this.#series.latency.record((now - this.startedAt) * NS_PER_MS);
    }
  }
}

export const catchUpSeries = 'catch-up';
