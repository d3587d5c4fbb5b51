import type { ClusterAccess } from '../etcd/index.ts';
import { type ErrorCount, Series } from '../load/index.ts';
import { KeepaliveLine, type KeepaliveStream, type StreamOwner } from './keepalive-line.ts';
import { KeepaliveSweep } from './keepalive-sweep.ts';
import { type LeaseLedger, LeaseState } from './lease-ledger.ts';

/** A keepalive that is sent so much after its time is told as late. */
const LATE_MS = 100;
/** How long many keepalives are gathered for one write: none is later than that for it. */
const GATHER_MS = 5;
/** How often streams are looked at, whether they still answer. */
const LOOK_MS = 500;
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
  /** How often each thing went wrong since the last `take()`. */
  #problems = new Map<string, number>();
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
  take(): { readonly series: Series; readonly errors: readonly ErrorCount[] } {
    const series = this.#series;
    const errors = [...this.#problems].map(([message, count]) => ({ message, outcome: 'fail' as const, count }));
    this.#series = new Series('keepalive');
    this.#problems = new Map();
    return { series, errors };
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
        onBreak: (why) => {
          this.#counts.streamBreaks += 1;
          this.#count(`a keepalive stream broke: ${why}`);
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
    this.#streams[number % this.#streams.length]!.send(this.#ledger.idOf(number));
  }

  /**
   * What a stream that broke had not answered is sent again; its latency counts from when it was due. Not so where the
   * time is over: etcd answers a keepalive of a lease that ran out only when it has ended the lease, and nothing that
   * follows on the stream before.
   */
  #sendAwaited(index: number): void {
    // They are to run out now.
    if (this.#sweep === undefined) return;
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
    this.#count('the lease is gone: it ran out');
  }

  #count(problem: string): void {
    this.#problems.set(problem, (this.#problems.get(problem) ?? 0) + 1);
  }
}
