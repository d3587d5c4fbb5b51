import type { ClusterAccess } from '../etcd/index.ts';
import { LatencyRecorder } from '../stats/index.ts';
import { ProtoWriter, type WatchTarget, WireClient, WireError } from '../wire/index.ts';
import { FleetStream, type FleetStreamHost } from './watch-fleet-stream.ts';

/** Many watches, on streams, on connections. */
export interface WatchFleetOptions {
  readonly access: ClusterAccess;
  /** Streams are spread over them. */
  readonly connections: number;
  /** Watches are spread over them, neighbours on the same. */
  readonly streams: number;
  /** Watcher n watches `targets.at(n)`. */
  readonly targets: WatchTargets;
  /** How many watches a stream asks for before the first of them is in place. */
  readonly createAhead: number;
}

/** What each watcher watches: an array, or what makes a target when a stream asks for it. */
export interface WatchTargets {
  readonly length: number;
  /** Asked again after each break. */
  at(watcher: number): WatchTarget | undefined;
}

/** Is told what the watchers see, synchronously and within the read that brought it. */
export interface WatchFleetHandler {
  /**
   * @param bytes the key is `bytes[keyStart, keyEnd)`, the value `bytes[valueStart, valueEnd)`; valid during the call
   * @param now when it was read, by performance.now()
   */
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
  ): void;
  /** What the watcher had not seen up to this revision is compacted away; it goes on after it. */
  onGap(watcher: number, toRevision: number): void;
  /** etcd ended its watch for good. */
  onRefused?(watcher: number): void;
}

/** How long broken watches may take to come back before a run ends without them. */
export const comebackMs = 30_000;

const CONNECTIONS_AT_ONCE = 128;
/** Password hashing keeps a member busy for a tenth of a second each time: more logins at once only time out. */
const LOGINS_AT_ONCE = 4;

/** How long nothing may happen while watches are created. */
const CREATION_SILENCE_MS = 30_000;

/**
 * Creates watches, and keeps them: after a break each goes on with the revision after the last that it saw, so that
 * nothing is lost; after a compaction with the oldest revision that there still is.
 */
export class WatchFleet implements FleetStreamHost, AsyncDisposable {
  readonly handler: WatchFleetHandler;
  readonly targets: WatchTargets;
  readonly createAhead: number;
  readonly writer = new ProtoWriter();
  readonly nextRevision: Float64Array;
  /** From asking for a watch to its confirmation, in ns; of first creations. */
  readonly creationLatency = new LatencyRecorder();
  /** Watches that were in place once. */
  created = 0;
  /** The store's revision at the latest first creation: what came after it, every watcher is told. */
  createdAtRevision = 0;
  /** Watches that are in place now. */
  inPlace = 0;
  /** Connections and streams that broke. */
  disconnects = 0;
  /** Watches that were put in place again. */
  resumed = 0;
  /** Watches that compaction overtook. */
  gaps = 0;
  /** Watches that etcd ended for good, and why. */
  readonly refusals = new Map<number, string>();
  readonly #options: WatchFleetOptions;
  readonly #streams: FleetStream[];
  readonly #clients: WireClient[] = [];
  #onProgress: (() => void) | undefined;

  constructor(options: WatchFleetOptions, handler: WatchFleetHandler) {
    this.#options = options;
    this.handler = handler;
    this.targets = options.targets;
    this.createAhead = options.createAhead;
    const { length } = options.targets;
    this.nextRevision = new Float64Array(length);
    const streams = Math.min(options.streams, length);
    this.#streams = Array.from({ length: streams }, (_, index) => {
      const first = Math.floor((index * length) / streams);
      return new FleetStream(this, first, Math.floor(((index + 1) * length) / streams) - first);
    });
  }

  get streams(): number {
    return this.#streams.length;
  }

  /** As many as there is a stream for. */
  get connections(): number {
    return Math.min(this.#options.connections, this.#streams.length);
  }

  /** Connects. Rejects with a WireError, an InputError, or the signal's reason. */
  async connect(signal: AbortSignal): Promise<void> {
    const { access } = this.#options;
    const count = this.connections;
    // Connections to the same endpoint share one object, and with it what is made of it.
    const shared = access.endpoints.map((_, startAt) => ({ ...access, startAt }));
    const next = Array.from({ length: count }, (_, index) => index).values();
    const givingUp = new AbortController();
    const either = AbortSignal.any([signal, givingUp.signal]);
    let failure: { readonly error: unknown } | undefined;
    const openNext = async () => {
      for (const index of next) {
        if (failure !== undefined) return;
        const streams = this.#streams.filter((_, stream) => stream % count === index);
        await this.#connectOne(shared[index % shared.length]!, streams, either).catch((error: unknown) => {
          failure ??= { error };
          givingUp.abort();
        });
      }
    };
    const atOnce = Math.min(count, access.auth === undefined ? CONNECTIONS_AT_ONCE : LOGINS_AT_ONCE);
    // After a failure none is being opened any more.
    await Promise.all(Array.from({ length: atOnce }, openNext));
    if (failure !== undefined) throw failure.error;
  }

  /** Puts all watches in place. Rejects with a WireError when etcd refuses one, or with the signal's reason. */
  async create(signal: AbortSignal): Promise<void> {
    const done = Promise.withResolvers<void>();
    let silence: NodeJS.Timeout | undefined;
    const abort = () => done.reject(signal.reason);
    this.#onProgress = () => {
      silence ??= setTimeout(() => done.reject(this.#silent()), CREATION_SILENCE_MS);
      silence.refresh();
      const refusal = this.refusals.values().next();
      if (refusal.done !== true) done.reject(this.#refused(refusal.value));
      else if (this.created === this.targets.length) done.resolve();
    };
    signal.addEventListener('abort', abort);
    try {
      signal.throwIfAborted();
      this.#onProgress();
      for (const stream of this.#streams) stream.start();
      await done.promise;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
      this.#onProgress = undefined;
    }
  }

  /** Whether every watch is in place that etcd did not refuse. */
  get isWhole(): boolean {
    return this.inPlace + this.refusals.size >= this.targets.length;
  }

  isInPlace(watcher: number): boolean {
    return this.#streams.some((stream) => stream.isInPlace(watcher));
  }

  /** Stops or resumes reading on all connections: what a slow reader does. */
  pause(): void {
    for (const client of this.#clients) client.connection?.pause();
  }

  resume(): void {
    for (const client of this.#clients) client.connection?.resume();
  }

  onCreated(latencyMs: number, revision: number): void {
    this.created += 1;
    this.createdAtRevision = Math.max(revision, this.createdAtRevision);
    this.creationLatency.record(latencyMs * 1e6);
    this.#onProgress?.();
  }

  onRefused(watcher: number, reason: string): void {
    this.refusals.set(watcher, reason);
    this.handler.onRefused?.(watcher);
    this.#onProgress?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.close();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #connectOne(
    options: Parameters<typeof WireClient.connect>[0],
    streams: readonly FleetStream[],
    signal: AbortSignal,
  ): Promise<void> {
    let client: WireClient | undefined;
    client = await WireClient.connect(options, signal, (state) => {
      // The first time, `connect()` has not returned yet.
      if (client === undefined) return;
      if (state.kind === 'disconnected') this.disconnects += 1;
      else if (state.kind === 'ready') for (const stream of streams) stream.attach(client);
    });
    this.#clients.push(client);
    for (const stream of streams) stream.attach(client);
  }

  #refused(reason: string): WireError {
    return new WireError(`etcd refuses a watch: ${reason}`, {
      outcome: 'fail',
      reason: /permission/.test(reason) ? 'permission-denied' : 'refused',
      endpoint: this.#options.access.endpoints.join(', '),
    });
  }

  #silent(): WireError {
    return new WireError(
      `only ${this.created} of ${this.targets.length} watches are in place, and no more for ${CREATION_SILENCE_MS / 1000} s`,
      { outcome: 'fail', reason: 'deadline', endpoint: this.#options.access.endpoints.join(', ') },
    );
  }
}
