import type { ClusterAccess } from '@etcdperf/core/etcd';
import { type ErrorCount, Series } from '@etcdperf/core/load';
import { type ConnectionState, LeaseKeepAliveStream, type StreamEnd, WireClient } from '@etcdperf/core/wire';
import { KeepaliveSweep } from './keepalive-sweep.ts';
import { type LeaseLedger, LeaseState } from './lease-ledger.ts';

/** A keepalive that is sent so much after its time is told as late. */
const LATE_MS = 100;
/** How long many keepalives are gathered for one write: none is later than that for it. */
const GATHER_MS = 5;
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

/** Keeps the leases of a ledger alive, each every `intervalMs`, over a few connections that come back by themselves. */
export class LeaseKeeper implements AsyncDisposable {
  readonly #ledger: LeaseLedger;
  readonly #intervalMs: number;
  readonly #lines: KeepaliveLine[] = [];
  readonly #counts = { keepalivesLate: 0, keepalivesSkipped: 0, leasesLost: 0, streamBreaks: 0 };
  #series = new Series('keepalive');
  #gone = 0;
  #sent = 0;
  #sweep: KeepaliveSweep | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Connects; rejects with a WireError. */
  static async open(
    access: ClusterAccess,
    connections: number,
    ledger: LeaseLedger,
    intervalMs: number,
    signal: AbortSignal,
  ): Promise<LeaseKeeper> {
    const keeper = new LeaseKeeper(ledger, intervalMs);
    try {
      for (let index = 0; index < connections; index += 1) await keeper.#connect(access, index, signal);
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

  async #connect(access: ClusterAccess, index: number, signal: AbortSignal): Promise<void> {
    const line = new KeepaliveLine({
      onKeepAlive: (id, ttlSeconds, at) => this.#onAnswer(id, ttlSeconds, at),
      onBreak: () => {
        this.#counts.streamBreaks += 1;
      },
      onOpen: () => this.#sendAwaited(index),
    });
    this.#lines.push(line);
    await line.connect(access, index, signal);
  }

  #tick(): void {
    const sweep = this.#sweep;
    if (sweep === undefined) return;
    const now = performance.now();
    sweep.advance(now, (number, dueAt) => this.#keepAlive(number, dueAt, now));
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
    if (this.#lines[number % this.#lines.length]!.send(this.#ledger.idOf(number))) this.#sent += 1;
  }

  /** What a stream that broke had not answered is sent again; its latency counts from when it was due. */
  #sendAwaited(index: number): void {
    const ledger = this.#ledger;
    for (let number = index; number < ledger.ids.count; number += this.#lines.length)
      if (ledger.isKept(number) && ledger.isAwaited(number)) this.#send(number);
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
    // Of an uncertain one that is the answer: it was never granted.
    const isLost = ledger.state(number) === LeaseState.held;
    ledger.set(number, isLost ? LeaseState.lost : LeaseState.none);
    if (!isLost) return;
    this.#counts.leasesLost += 1;
    this.#series.fail += 1;
    this.#gone += 1;
  }
}

interface LineOwner {
  onKeepAlive(id: number, ttlSeconds: number, at: number): void;
  onBreak(): void;
  /** There is a stream again; not told of the first. */
  onOpen(): void;
}

/** One connection and its keepalive stream, which is opened anew whenever it breaks. */
class KeepaliveLine {
  readonly #owner: LineOwner;
  #client: WireClient | undefined;
  #stream: LeaseKeepAliveStream | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(owner: LineOwner) {
    this.#owner = owner;
  }

  async connect(access: ClusterAccess, index: number, signal: AbortSignal): Promise<void> {
    const options = { ...access, startAt: index % access.endpoints.length };
    this.#client = await WireClient.connect(options, signal, (state) => this.#onState(state));
    this.#open();
  }

  /** False: there is no stream now; `onOpen` will tell. */
  send(id: number): boolean {
    this.#stream?.send(id);
    return this.#stream !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reopening);
    this.#stream?.close();
    await this.#client?.close();
  }

  #onState(state: ConnectionState): void {
    if (state.kind === 'ready' && this.#client !== undefined && this.#open()) this.#owner.onOpen();
  }

  #open(): boolean {
    const connection = this.#client?.connection;
    if (connection === undefined || this.#stream !== undefined || this.#isClosed) return false;
    this.#stream = new LeaseKeepAliveStream(connection, {
      onKeepAlive: (id, ttlSeconds) => this.#owner.onKeepAlive(id, ttlSeconds, connection.readAt),
      onEnd: (end) => this.#onEnd(end),
    });
    return true;
  }

  #onEnd(end: StreamEnd): void {
    this.#stream = undefined;
    if (this.#isClosed) return;
    this.#owner.onBreak();
    // A member that ends the stream and not the connection has no leader, or stops.
    if (end.kind === 'status') this.#client?.moveOn(end.message);
    // The next connection tells when it is there; where this one stands, nobody else would.
    this.#reopening = setTimeout(() => {
      if (this.#open()) this.#owner.onOpen();
    }, REOPEN_MS);
  }
}
