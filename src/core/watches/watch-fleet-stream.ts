import {
  type ProtoWriter,
  type StreamEnd,
  WatchStream,
  type WatchStreamHandler,
  type WireClient,
} from '../wire/index.ts';
import { FragmentedRevisions } from './fragmented-revisions.ts';
import type { WatchFleetHandler, WatchTargets } from './watch-fleet.ts';

/** What a stream needs of its fleet. */
export interface FleetStreamHost {
  readonly handler: WatchFleetHandler;
  readonly targets: WatchTargets;
  readonly createAhead: number;
  readonly writer: ProtoWriter;
  /** Of each watcher: where it begins or goes on; 0: with whatever comes. */
  readonly nextRevision: Float64Array;
  inPlace: number;
  disconnects: number;
  resumed: number;
  gaps: number;
  onCreated(latencyMs: number, revision: number): void;
  /** etcd will not have this watch. */
  onRefused(watcher: number, reason: string): void;
}

const ABSENT = 0;
const ASKED = 1;
const IN_PLACE = 2;
const REFUSED = 3;

/**
 * The watchers `first` to `first + count - 1`, on one stream at a time. Their ids there are our own, so that an event
 * needs no table: 1 to `count`, and `count` more each time that one is asked for anew, as etcd never forgets an id.
 */
export class FleetStream implements WatchStreamHandler {
  readonly #host: FleetStreamHost;
  readonly #first: number;
  readonly #count: number;
  readonly #state: Uint8Array;
  readonly #isKnown: Uint8Array;
  readonly #askedAt: Float64Array;
  /** How often each was asked for. */
  readonly #times: Uint32Array;
  readonly #fragments = new FragmentedRevisions();
  /** Watchers, by their place here, in the order in which they were asked for. */
  #asked: number[] = [];
  #answered = 0;
  /** Those before were asked for on this stream; what is to be created out of turn waits in `#again`. */
  #nextPlace = 0;
  #again: number[] = [];
  #client: WireClient | undefined;
  #stream: WatchStream | undefined;
  #isStarted = false;

  constructor(host: FleetStreamHost, first: number, count: number) {
    this.#host = host;
    this.#first = first;
    this.#count = count;
    this.#state = new Uint8Array(count);
    this.#isKnown = new Uint8Array(count);
    this.#askedAt = new Float64Array(count);
    this.#times = new Uint32Array(count);
  }

  isInPlace(watcher: number): boolean {
    return this.#state[watcher - this.#first] === IN_PLACE;
  }

  /** The client has a connection, the first or another. */
  attach(client: WireClient): void {
    this.#client = client;
    this.#leave();
    if (this.#isStarted) this.start();
  }

  /** Begins to create the watches. */
  start(): void {
    this.#isStarted = true;
    const connection = this.#client?.connection;
    // Without one, `attach()` follows.
    if (connection === undefined) return;
    this.#stream = new WatchStream(connection, this, this.#host.writer);
    this.#createMore();
  }

  close(): void {
    this.#isStarted = false;
    this.#leave();
  }

  onCreated(watchId: number, revision: number): void {
    const host = this.#host;
    const place = this.#placeOf(watchId);
    const watcher = this.#first + place;
    this.#answered += 1;
    this.#state[place] = IN_PLACE;
    host.inPlace += 1;
    // A stream that breaks before the first event must not lose what comes in between.
    if (host.nextRevision[watcher] === 0) host.nextRevision[watcher] = revision + 1;
    if (this.#isKnown[place] === 1) host.resumed += 1;
    else {
      this.#isKnown[place] = 1;
      host.onCreated(performance.now() - this.#askedAt[place]!, revision);
    }
    this.#createMore();
  }

  onRefused(reason: string): void {
    const place = this.#asked[this.#answered]!;
    this.#answered += 1;
    this.#end(place, reason, 0);
  }

  onEvent(
    watchId: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    revision: number,
  ): void {
    const host = this.#host;
    const watcher = this.#first + this.#placeOf(watchId);
    if (revision >= host.nextRevision[watcher]!) host.nextRevision[watcher] = revision + 1;
    if (this.#fragments.isRepeated(watcher, revision)) return;
    const now = this.#stream!.connection.readAt;
    host.handler.onEvent(watcher, type, bytes, keyStart, keyEnd, valueStart, valueEnd, revision, now);
  }

  onFragment(watchId: number): void {
    this.#host.nextRevision[this.#first + this.#placeOf(watchId)] = this.#fragments.onFragment();
  }

  /** Of watches that ask for it: a quiet one must not fall behind what is compacted. */
  onProgress(watchId: number, revision: number): void {
    if (watchId < 1) return;
    const { nextRevision } = this.#host;
    const watcher = this.#first + this.#placeOf(watchId);
    if (revision >= nextRevision[watcher]!) nextRevision[watcher] = revision + 1;
  }

  onCanceled(watchId: number, reason: string, compactRevision: number): void {
    const place = this.#placeOf(watchId);
    if (this.#state[place] === IN_PLACE) this.#host.inPlace -= 1;
    this.#end(place, reason, compactRevision);
  }

  onEnd(end: StreamEnd): void {
    this.#forget();
    const { message } = end;
    // The connection is gone; `attach()` follows.
    if (end.kind === 'lost' || end.kind === 'unprocessed') return;
    this.#host.disconnects += 1;
    if (/auth token/.test(message)) this.#renewToken();
    else if (/permission denied/.test(message))
      for (let place = 0; place < this.#count; place += 1) this.#refuse(place, message);
    else this.#client?.moveOn(message || 'the server ended a watch stream');
  }

  /** A watch is not in place, or not any more. */
  #end(place: number, reason: string, compactRevision: number): void {
    const host = this.#host;
    const watcher = this.#first + place;
    if (compactRevision > 0) {
      host.gaps += 1;
      host.nextRevision[watcher] = Math.max(compactRevision, host.nextRevision[watcher]!);
      host.handler.onGap(watcher, compactRevision - 1);
    } else if (/auth token/.test(reason)) {
      this.#leave();
      this.#renewToken();
      return;
    } else {
      this.#refuse(place, reason || 'canceled by etcd');
      this.#createMore();
      return;
    }
    this.#state[place] = ABSENT;
    this.#again.push(place);
    this.#createMore();
  }

  #refuse(place: number, reason: string): void {
    this.#state[place] = REFUSED;
    this.#host.onRefused(this.#first + place, reason);
  }

  #createMore(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const { targets, nextRevision, createAhead } = this.#host;
    while (this.#asked.length - this.#answered < createAhead) {
      const place = this.#again.pop() ?? this.#takeNext();
      if (place === undefined) return;
      const watcher = this.#first + place;
      this.#state[place] = ASKED;
      this.#asked.push(place);
      this.#askedAt[place] = performance.now();
      const target = targets.at(watcher)!;
      if (nextRevision[watcher] === 0) nextRevision[watcher] = target.startRevision ?? 0;
      stream.create({ ...target, startRevision: nextRevision[watcher]! }, this.#nextId(place));
    }
  }

  #placeOf(watchId: number): number {
    return watchId <= this.#count ? watchId - 1 : (watchId - 1) % this.#count;
  }

  #nextId(place: number): number {
    const times = this.#times[place]!;
    this.#times[place] = times + 1;
    return place + 1 + times * this.#count;
  }

  #takeNext(): number | undefined {
    while (this.#nextPlace < this.#count) {
      const place = this.#nextPlace;
      this.#nextPlace += 1;
      if (this.#state[place] === ABSENT) return place;
    }
    return undefined;
  }

  /** A read brings the new token, or tells why there is none. */
  #renewToken(): void {
    const client = this.#client;
    client?.range(this.#host.targets.at(this.#first)!.key, { countOnly: true }).then(
      () => this.#isStarted && this.#stream === undefined && this.start(),
      (error: Error) => client.moveOn(error.message),
    );
  }

  #leave(): void {
    this.#stream?.close();
    this.#forget();
  }

  #forget(): void {
    this.#fragments.onBreak();
    this.#stream = undefined;
    this.#asked = [];
    this.#answered = 0;
    this.#nextPlace = 0;
    this.#again = [];
    for (let place = 0; place < this.#count; place += 1) {
      if (this.#state[place] === IN_PLACE) this.#host.inPlace -= 1;
      if (this.#state[place] !== REFUSED) this.#state[place] = ABSENT;
    }
  }
}
