import type { WatchFleetHandler } from '@etcdperf/core/watches';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { WatchObserver } from '../verify/watch-observer.ts';
import { DeliveryLag } from './delivery-lag.ts';

/**
 * Counts what the watchers see. What comes out of order or twice is told from the order of a watcher's own revisions:
 * that costs 12 bytes for each. What never came only they can tell who know the writes.
 */
export class WatchMonitor implements WatchFleetHandler {
  readonly lag = new DeliveryLag();
  events = 0;
  /** Of their keys and values. */
  eventBytes = 0;
  /** Came a second time right after the first, or with the whole of its revision. */
  duplicated = 0;
  /** Came after an event with a higher revision. */
  reordered = 0;
  /** When the last one was read, by performance.now(); 0: there was none. */
  lastEventAt = 0;
  readonly #space: Pick<PatternSpace, 'keyAt'>;
  readonly #observer: WatchObserver | undefined;
  /** Of each watcher's last event: its revision, and which key was the first that it was told of that revision. */
  readonly #revisions: Float64Array;
  readonly #firstKeys: Int32Array;

  constructor(space: Pick<PatternSpace, 'keyAt'>, watchers: number, observer: WatchObserver | undefined) {
    this.#space = space;
    this.#observer = observer;
    this.#revisions = new Float64Array(watchers);
    this.#firstKeys = new Int32Array(watchers);
  }

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
    this.events += 1;
    this.eventBytes += keyEnd - keyStart + valueEnd - valueStart;
    this.lastEventAt = now;
    const last = this.#revisions[watcher]!;
    if (revision < last) this.reordered += 1;
    else {
      const key = hash(bytes, keyStart, keyEnd);
      if (revision > last) {
        this.#revisions[watcher] = revision;
        this.#firstKeys[watcher] = key;
        // A delete of a subtree is many events of one revision.
      } else if (key === this.#firstKeys[watcher]) this.duplicated += 1;
    }
    this.lag.onEvent(revision, now);
    if (this.#observer === undefined) return;
    const key = this.#space.keyAt(bytes, keyStart, keyEnd);
    this.#observer.onEvent(watcher, key, type, bytes, valueStart, valueEnd, revision, now);
  }

  onGap(watcher: number, toRevision: number): void {
    this.#observer?.onGap(watcher, toRevision);
  }

  onRefused(watcher: number): void {
    this.#observer?.onEnded(watcher);
  }
}

/** FNV-1a. */
function hash(bytes: Buffer, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let at = start; at < end; at += 1) value = Math.imul(value ^ bytes[at]!, 0x01000193);
  return value;
}
