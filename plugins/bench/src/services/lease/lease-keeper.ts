import type { ClusterAccess } from '@etcdperf/core/etcd';
import { type ErrorCount, Series } from '@etcdperf/core/load';
import {
  type ConnectionState,
  classifyStatus,
  LeaseKeepAliveStream,
  type StreamEnd,
  WireClient,
} from '@etcdperf/core/wire';
import { KeepaliveSweep } from './keepalive-sweep.ts';
import { type LeaseLedger, LeaseState } from './lease-ledger.ts';

/** A keepalive that is sent so much after its time is told as late. */
const LATE_MS = 100;
/** How long many keepalives are gathered for one write: none is later than that for it. */
const GATHER_MS = 5;
/** How often streams are looked at, whether they still answer. */
const LOOK_MS = 500;
/** Until a stream is tried again that etcd ended while the connection stood. */
const REOPEN_MS = 500;
const NS_PER_MS = 1e6;

/** What became of keepalives, since the start. */
export interface KeeperCounts {
  readonly keepalivesLate: number;
  /** Not sent, because the one before was still without an answer. */
  readonly keepalivesSkipped: number;
  readonly leasesLost: number;
  readonly streamBreaks: number;
}

export interface LeaseKeeperOptions {
  readonly access: ClusterAccess;
  readonly connections: number;
  /** At least one for each connection. etcd answers those of a stream one after the other, each after a wait. */
  readonly streams: number;
  readonly intervalMs: number;
}

/** Keeps the leases of a ledger alive, each every `intervalMs`, over connections that come back by themselves. */
export class LeaseKeeper implements AsyncDisposable {
  readonly #ledger: LeaseLedger;
  readonly #intervalMs: number;
  readonly #lines: KeepaliveLine[] = [];
  /** Lease `n` has the stream `n % streams.length`. */
  readonly #streams: KeepaliveStream[] = [];
  readonly #counts = { keepalivesLate: 0, keepalivesSkipped: 0, leasesLost: 0, streamBreaks: 0 };
  #series = new Series('keepalive');
  #gone = 0;
  #sent = 0;
  #sweep: KeepaliveSweep | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;

  /** Connects; rejects with a WireError. */
  static async open(ledger: LeaseLedger, options: LeaseKeeperOptions, signal: AbortSignal): Promise<LeaseKeeper> {
    const keeper = new LeaseKeeper(ledger, options.intervalMs);
    try {
      await keeper.#connect(options, signal);
    } catch (error) {
      await keeper[Symbol.asyncDispose]();
      throw error;
    }
    return keeper;
  }

  private constructor(ledger: LeaseLedger, intervalMs: number) {
    this.#ledger = ledger;
    this.#intervalMs = intervalMs;
  }

  get counts(): KeeperCounts {
    return { ...this.#counts };
  }

  start(): void {
    this.#sweep = new KeepaliveSweep(this.#ledger.ids.count, performance.now(), this.#intervalMs);
    this.#tick();
  }

  /** Sends nothing more; answers that are still to come are taken. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#sweep = undefined;
  }

  /** What came of it since the last call. */
  take(): { readonly series: Series; readonly errors: readonly ErrorCount[]; readonly sent: number } {
    const series = this.#series;
    const sent = this.#sent;
    const gone = this.#gone;
    this.#series = new Series('keepalive');
    this.#gone = 0;
    this.#sent = 0;
    const errors: ErrorCount[] =
      gone === 0 ? [] : [{ message: 'the lease is gone: it ran out', outcome: 'fail', count: gone }];
    return { series, errors, sent };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await Promise.all(this.#lines.map((line) => line.close()));
  }

  async #connect({ access, connections, streams }: LeaseKeeperOptions, signal: AbortSignal): Promise<void> {
    for (let index = 0; index < connections; index += 1) {
      const line = new KeepaliveLine();
      this.#lines.push(line);
      await line.connect(access, index, signal);
    }
    for (let index = 0; index < Math.max(streams, connections); index += 1) {
      const owner: StreamOwner = {
        onKeepAlive: (id, ttlSeconds, at) => this.#onAnswer(id, ttlSeconds, at),
        onBreak: () => {
          this.#counts.streamBreaks += 1;
        },
        onOpen: () => this.#sendAwaited(index),
      };
      this.#streams.push(this.#lines[index % connections]!.addStream(owner));
    }
  }

  #tick(): void {
    const sweep = this.#sweep;
    if (sweep === undefined) return;
    const now = performance.now();
    sweep.advance(now, (number, dueAt) => this.#keepAlive(number, dueAt, now));
    if (now - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = now;
      for (const stream of this.#streams) stream.restartIfSilent(now, this.#intervalMs);
    }
    this.#timer = setTimeout(() => this.#tick(), Math.max(GATHER_MS, Math.min(sweep.nextAt - performance.now(), 1000)));
  }

  #keepAlive(number: number, dueAt: number, now: number): void {
    const ledger = this.#ledger;
    if (!ledger.isKept(number)) return;
    if (ledger.isAwaited(number)) {
      this.#counts.keepalivesSkipped += 1;
      return;
    }
    ledger.onSent(number, dueAt);
    if (now - dueAt > LATE_MS) this.#counts.keepalivesLate += 1;
    this.#send(number);
  }

  #send(number: number): void {
    if (this.#streams[number % this.#streams.length]!.send(this.#ledger.idOf(number))) this.#sent += 1;
  }

  /**
   * What a stream that broke had not answered is sent again; its latency counts from when it was due. Not so where the
   * time is over: etcd answers a keepalive of a lease that ran out only when it has ended the lease, and nothing that
   * follows on the stream before.
   */
  #sendAwaited(index: number): void {
    const ledger = this.#ledger;
    const now = performance.now();
    for (let number = index; number < ledger.ids.count; number += this.#streams.length) {
      if (!ledger.isKept(number) || !ledger.isAwaited(number)) continue;
      if (now < ledger.dueAt(number)) this.#send(number);
      else this.#lose(number);
    }
  }

  #onAnswer(id: number, ttlSeconds: number, at: number): void {
    const ledger = this.#ledger;
    const number = ledger.numberOf(id);
    if (number === -1 || !ledger.isKept(number)) return;
    if (ttlSeconds > 0) {
      this.#series.ok += 1;
      this.#series.latency.record((at - ledger.sentAt(number)) * NS_PER_MS);
      ledger.onRenewed(number, at, ttlSeconds);
      return;
    }
    this.#lose(number);
  }

  /** An uncertain one was never granted. */
  #lose(number: number): void {
    const isLost = this.#ledger.state(number) === LeaseState.held;
    this.#ledger.set(number, isLost ? LeaseState.lost : LeaseState.none);
    if (!isLost) return;
    this.#counts.leasesLost += 1;
    this.#series.fail += 1;
    this.#gone += 1;
  }
}

interface StreamOwner {
  onKeepAlive(id: number, ttlSeconds: number, at: number): void;
  onBreak(): void;
  /** There is a stream again; not told of the first. */
  onOpen(): void;
}

/** One connection and its keepalive streams. */
class KeepaliveLine {
  readonly #streams: KeepaliveStream[] = [];
  #client: WireClient | undefined;

  async connect(access: ClusterAccess, index: number, signal: AbortSignal): Promise<void> {
    const options = { ...access, startAt: index % access.endpoints.length };
    this.#client = await WireClient.connect(options, signal, (state) => this.#onState(state));
  }

  addStream(owner: StreamOwner): KeepaliveStream {
    const stream = new KeepaliveStream(this.#client!, owner);
    this.#streams.push(stream);
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    await this.#client?.close();
  }

  #onState(state: ConnectionState): void {
    if (state.kind === 'ready') for (const stream of this.#streams) stream.open();
  }
}

/** A keepalive stream that is opened anew whenever it breaks. */
class KeepaliveStream {
  readonly #client: WireClient;
  readonly #owner: StreamOwner;
  #stream: LeaseKeepAliveStream | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Sent and not answered. */
  #pending = 0;
  /** The last answer; or the first request, where all before was answered. */
  #heardAt = 0;

  constructor(client: WireClient, owner: StreamOwner) {
    this.#client = client;
    this.#owner = owner;
    this.#start();
  }

  /** False: there is no stream now; `onOpen` will tell. */
  send(id: number): boolean {
    if (this.#stream === undefined) return false;
    if (this.#pending === 0) this.#heardAt = performance.now();
    this.#pending += 1;
    this.#stream.send(id);
    return true;
  }

  /** For so long it answered nothing: what is stuck in it holds up the rest, which has better luck on another. */
  restartIfSilent(now: number, silentMs: number): void {
    if (this.#stream === undefined || this.#pending === 0 || now - this.#heardAt < silentMs) return;
    this.#stream.close();
    this.#stream = undefined;
    this.#owner.onBreak();
    this.open();
  }

  /** There is a connection that it can be on. */
  open(): void {
    if (this.#start()) this.#owner.onOpen();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reopening);
    this.#stream?.close();
  }

  #start(): boolean {
    const { connection } = this.#client;
    if (connection === undefined || this.#stream !== undefined || this.#isClosed) return false;
    this.#pending = 0;
    this.#stream = new LeaseKeepAliveStream(connection, {
      onKeepAlive: (id, ttlSeconds) => {
        this.#pending -= 1;
        this.#heardAt = connection.readAt;
        this.#owner.onKeepAlive(id, ttlSeconds, connection.readAt);
      },
      onEnd: (end) => this.#onEnd(end),
    });
    return true;
  }

  #onEnd(end: StreamEnd): void {
    this.#stream = undefined;
    if (this.#isClosed) return;
    this.#owner.onBreak();
    if (end.kind === 'status') this.#onStatus(end.code, end.message);
    // The next connection tells when it is there; where this one stands, nobody else would.
    this.#reopening = setTimeout(() => this.open(), REOPEN_MS);
  }

  /** A member that only took too long for this stream is not left for it. */
  #onStatus(code: number, message: string): void {
    const { reason } = classifyStatus(code, message, false);
    if (reason === 'no-leader' || reason === 'server-stopped') this.#client.moveOn(message);
    // Whatever call is told so makes the client get a new token, for its streams, too.
    if (reason === 'stale-token') this.#client.leaseTimeToLive(1n).catch(() => undefined);
  }
}
