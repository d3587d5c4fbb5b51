import type { WatchCreate, WatchEvent, WatchResponse } from '../messages/index.ts';
import { type Bytes, endOfRange, type KeyRange } from '../messages/index.ts';

export interface WatchTarget extends KeyRange {
  readonly key: Bytes;
  /** The first revision to deliver; default: from now on. */
  readonly startRevision?: number | undefined;
  readonly prevKv?: boolean | undefined;
  /** Have etcd say now and then how far this watch is, when there are no events. */
  readonly progressNotify?: boolean | undefined;
}

/** Called synchronously, in order. An exception that a handler throws is not caught. */
export interface WatchHandlers {
  /** Events of whole revisions, oldest first; `revision` is the store's when they were sent. */
  readonly onEvents: (events: readonly WatchEvent[], revision: number) => void;
  /** The watch is in place, once; `revision` is the store's at that moment. */
  readonly onCreated?: ((revision: number) => void) | undefined;
  /** etcd ended the watch; nothing follows. `compactRevision` is the oldest there is, 0 when that is not the reason. */
  readonly onCanceled?: ((end: { readonly reason: string; readonly compactRevision: number }) => void) | undefined;
  /** The connection is gone; the watch resumes by itself. */
  readonly onDisconnected?: ((why: string) => void) | undefined;
  /** The watch is in place again; it continues with `fromRevision`. */
  readonly onResumed?: ((fromRevision: number) => void) | undefined;
  /** These revisions, both inclusive, were compacted away before they were seen; the watch goes on after them. */
  readonly onGap?: ((gap: { readonly fromRevision: number; readonly toRevision: number }) => void) | undefined;
  /** Everything up to this revision was delivered. */
  readonly onProgress?: ((revision: number) => void) | undefined;
}

/** A watch that the user holds. */
export interface Watcher {
  /** The revision that it would resume from: one after the last that was delivered. 0: not yet in place. */
  readonly nextRevision: number;
  /** No handler is called after this. */
  close(): void;
}

/** What becomes of a watch after a response: it goes on, begins again at `nextRevision`, or is over. */
export type WatchFate = 'goes-on' | 'begin-again' | 'over';

/** One watch, whichever stream carries it: it knows how far it is. */
export class ActiveWatch implements Watcher {
  nextRevision: number;
  /** On the present stream; -1 while that has not confirmed it. */
  watchId = -1;
  isClosed = false;
  readonly #target: WatchTarget;
  readonly #handlers: WatchHandlers;
  readonly #onClose: (watch: ActiveWatch) => void;
  /** What came of a response that is sent in parts. */
  #fragments: WatchEvent[] | undefined;
  #creations = 0;
  #hasDelivered = false;

  constructor(target: WatchTarget, handlers: WatchHandlers, onClose: (watch: ActiveWatch) => void) {
    this.#target = target;
    this.#handlers = handlers;
    this.#onClose = onClose;
    this.nextRevision = target.startRevision ?? 0;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#onClose(this);
  }

  createRequest(): WatchCreate {
    const { key, progressNotify = false, prevKv = false } = this.#target;
    const everything = key.length === 0 && this.#target.prefix === true;
    return {
      key: everything ? '\0' : key,
      rangeEnd: endOfRange(key, this.#target),
      startRevision: this.nextRevision,
      progressNotify,
      prevKv,
    };
  }

  onCreated(response: WatchResponse): void {
    this.watchId = response.watchId;
    // From now on: a stream that breaks before the first event must not lose what comes in between.
    if (this.nextRevision === 0) this.nextRevision = response.header.revision + 1;
    this.#creations += 1;
    if (this.#creations > 1) this.#handlers.onResumed?.(this.nextRevision);
    else this.#handlers.onCreated?.(response.header.revision);
  }

  onResponse(response: WatchResponse): WatchFate {
    if (response.canceled) return this.#onCanceled(response);
    if (response.events.length === 0 && this.#fragments === undefined) {
      // Told to this very watch, so all before it has been sent.
      if (!response.created && response.header.revision >= this.nextRevision) {
        this.nextRevision = response.header.revision + 1;
        this.#hasDelivered = true;
        this.#handlers.onProgress?.(response.header.revision);
      }
      return 'goes-on';
    }
    if (response.fragment || this.#fragments !== undefined) {
      this.#fragments ??= [];
      for (const event of response.events) this.#fragments.push(event);
      if (response.fragment) return 'goes-on';
    }
    const events = this.#fragments ?? response.events;
    this.#fragments = undefined;
    const last = events.at(-1);
    if (last !== undefined) {
      const fresh =
        events[0]!.kv.modRevision < this.nextRevision ? events.filter((event) => this.#isNew(event)) : events;
      this.nextRevision = Math.max(this.nextRevision, last.kv.modRevision + 1);
      this.#hasDelivered = true;
      if (fresh.length > 0) this.#handlers.onEvents(fresh, response.header.revision);
    }
    return 'goes-on';
  }

  onDisconnected(why: string): void {
    const wasInPlace = this.watchId !== -1;
    this.watchId = -1;
    this.#fragments = undefined;
    if (wasInPlace && !this.isClosed) this.#handlers.onDisconnected?.(why);
  }

  /** It can't go on. */
  end(reason: string, compactRevision: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#handlers.onCanceled?.({ reason, compactRevision });
  }

  #isNew(event: WatchEvent): boolean {
    return event.kv.modRevision >= this.nextRevision;
  }

  #onCanceled({ compactRevision, cancelReason }: WatchResponse): WatchFate {
    this.watchId = -1;
    this.#fragments = undefined;
    // The first creation of a watch whose start is already compacted is the caller's mistake, not a gap.
    if (compactRevision > 0 && (this.#creations > 1 || this.#hasDelivered)) {
      const gap = { fromRevision: this.nextRevision, toRevision: compactRevision - 1 };
      this.nextRevision = compactRevision;
      this.#handlers.onGap?.(gap);
      return this.isClosed ? 'over' : 'begin-again';
    }
    if (/invalid auth token/.test(cancelReason)) return 'begin-again';
    this.end(cancelReason || 'canceled by etcd', compactRevision);
    return 'over';
  }
}
