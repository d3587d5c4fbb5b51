import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import {
  askTtl,
  chooseLeaseIds,
  GrantOperation,
  type KeeperCounts,
  LeaseKeeper,
  LeaseLedger,
  LeaseState,
} from '@etcdperf/core/leases';
import { type LoadFigures, type LoadPhase, type LoadSource, openLoadEngine, Series } from '@etcdperf/core/load';
import { LatencyRecorder } from '@etcdperf/core/stats';
import { WireClient } from '@etcdperf/core/wire';
import type { HeldLeases } from '@etcdperf/core/workload';
import { leasePlan } from './lease-plan.ts';
import { type LeaseRelease, releaseLeases } from './release-leases.ts';

export interface HeldLeaseOptions {
  readonly access: ClusterAccess;
  readonly leases: HeldLeases;
  /** Of the keepalives; grants have as many of their own while there are any. */
  readonly connections: number;
  readonly timeoutMs: number;
  /** `revoke`: `release()` ends them; `expire`: they run out by themselves. */
  readonly end: 'revoke' | 'expire';
  /** Ctrl-C: once it came, disposal takes a few seconds at most. */
  readonly interruption: AbortSignal;
  /** So many leases were to be revoked, and could not be in time. */
  readonly onLeft?: (left: number) => void;
}

/** Leases that are held beside other load. */
export interface HeldLeaseSource extends LoadSource {
  /** What etcd grants when `ttlSeconds` is asked for; 0 before `prepare`. */
  readonly grantedTtlSeconds: number;
  /** How many are held now. */
  readonly held: number;
  /**
   * After the load: ends the keepalives, and the leases where that is asked for. Never rejects. Disposal does it where
   * nobody did.
   *
   * @param signal gives up what is not done by then
   */
  release(signal: AbortSignal): Promise<LeaseRelease>;
}

/** etcd answers the keepalives of a stream one after the other, each after a wait. */
const STREAMS = 100;
/** How long disposal revokes after Ctrl-C: a pod has 10 s in all. */
const LAST_MOMENTS_MS = 4000;
/** Between two looks for leases that were refused or lost. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const NO_COUNTS: KeeperCounts = { keepalivesLate: 0, keepalivesSkipped: 0, leasesLost: 0, streamBreaks: 0 };

/**
 * Grants leases over a time, keeps each alive every third of its TTL, all evenly spread, and grants those anew that were
 * refused or lost; until its signal is aborted. Series `grant`, `keepalive`; counters `leases` (held now), `leasesLost`,
 * `keepalivesLate`, `keepalivesSkipped`, `keepaliveBreaks`.
 */
export function openHeldLeases(options: HeldLeaseOptions): HeldLeaseSource {
  return new HeldLeaseLoad(options);
}

class HeldLeaseLoad implements HeldLeaseSource {
  readonly #options: HeldLeaseOptions;
  readonly #ledger: LeaseLedger;
  #keeper: LeaseKeeper | undefined;
  #granting: LoadSource | undefined;
  /** Of grants that are over. */
  #untaken: LoadFigures[] = [];
  #released: Promise<LeaseRelease> | undefined;

  constructor(options: HeldLeaseOptions) {
    this.#options = options;
    this.#ledger = new LeaseLedger(chooseLeaseIds(options.leases.count));
  }

  get grantedTtlSeconds(): number {
    return this.#ledger.ttlSeconds;
  }

  get held(): number {
    return this.#ledger.count(LeaseState.held);
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const { access, leases, connections, timeoutMs } = this.#options;
    await using client = await WireClient.connect({ ...access, requestTimeoutMs: timeoutMs }, signal);
    this.#ledger.ttlSeconds = await askTtl(client, leases.ttlSeconds);
    // As etcd's own clients do: two more tries before it is too late.
    const intervalMs = (this.#ledger.ttlSeconds * 1000) / 3;
    const streams = Math.min(STREAMS, leases.count);
    const keeper = { access, connections: Math.min(connections, streams), streams, intervalMs };
    this.#keeper = await LeaseKeeper.open(this.#ledger, keeper, signal);
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    const { count, rampMs } = this.#options.leases;
    const ratePerSec = rampMs > 0 ? (count * 1000) / rampMs : undefined;
    onPhase('measured');
    this.#keeper!.start();
    await this.#grant(undefined, ratePerSec, signal);
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; ) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      const absent = this.#ledger.absent();
      pauseMs = absent.length === 0 ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      if (absent.length > 0 && !signal.aborted) await this.#grant(absent, ratePerSec, signal);
    }
    onPhase('done');
  }

  async take(): Promise<LoadFigures> {
    const parts = [...this.#untaken, ...(this.#granting === undefined ? [] : [await this.#granting.take()])];
    this.#untaken = [];
    const kept = this.#keeper?.take();
    const grants = new Series('grant');
    const lateness = new LatencyRecorder();
    for (const part of parts) {
      for (const series of part.series) grants.merge(series);
      lateness.merge(part.lateness);
    }
    const sum = (of: (part: LoadFigures) => number) => parts.reduce((all, part) => all + of(part), 0);
    const { streamBreaks, ...counts } = this.#keeper?.counts ?? NO_COUNTS;
    return {
      series: [grants, kept?.series ?? new Series('keepalive')],
      errors: [...parts.flatMap(({ errors }) => errors), ...(kept?.errors ?? [])],
      // Keepalives are not part of what is sent at a rate.
      sent: sum(({ sent }) => sent),
      late: sum(({ late }) => late),
      dropped: sum(({ dropped }) => dropped),
      lateness,
      inFlight: parts.at(-1)?.inFlight ?? 0,
      counters: { leases: this.held, ...counts, keepaliveBreaks: streamBreaks },
      threadCpuMs: 0,
      eventLoopLagP99Ms: 0,
    };
  }

  release(signal: AbortSignal): Promise<LeaseRelease> {
    this.#released ??= this.#release(signal);
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { interruption } = this.#options;
    await this.release(interruption.aborted ? AbortSignal.timeout(LAST_MOMENTS_MS) : interruption);
    await this.#keeper?.[Symbol.asyncDispose]();
  }

  async #release(signal: AbortSignal): Promise<LeaseRelease> {
    this.#keeper?.stop();
    const { end, access, connections, timeoutMs, onLeft } = this.#options;
    if (end === 'expire') return { revoked: 0, left: this.#ledger.existingCount };
    const released = await releaseLeases(this.#ledger, { access, connections, timeoutMs, signal });
    if (released.left > 0) onLeft?.(released.left);
    return released;
  }

  /** @param numbers undefined: all of them */
  async #grant(numbers: Int32Array | undefined, ratePerSec: number | undefined, signal: AbortSignal): Promise<void> {
    const { access, leases } = this.#options;
    const plan = leasePlan(numbers?.length ?? leases.count, ratePerSec, this.#options);
    const operation = new GrantOperation(this.#ledger, leases.ttlSeconds, numbers);
    await using engine = openLoadEngine({ access, plan, work: { kind: 'instance', operation } });
    try {
      await engine.prepare(signal);
      this.#granting = engine;
      await engine.run(signal, () => undefined);
    } catch {
      // Nobody can be reached: what was not granted is tried again.
    } finally {
      this.#granting = undefined;
      this.#untaken.push(await engine.take());
    }
  }
}
