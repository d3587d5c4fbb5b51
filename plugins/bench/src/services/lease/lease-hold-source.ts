import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import {
  askTtl,
  GrantOperation,
  LeaseKeeper,
  type LeaseLedger,
  LeaseState,
  RevokeOperation,
} from '@etcdperf/core/leases';
import {
  type ErrorCount,
  type LoadFigures,
  type LoadOperation,
  type LoadPhase,
  type LoadPlan,
  type LoadSource,
  openLoadEngine,
  type Series,
} from '@etcdperf/core/load';
import { LatencyRecorder } from '@etcdperf/core/stats';
import type { WireClient } from '@etcdperf/core/wire';
import type { KeySpace } from '@etcdperf/core/workload';
import { connectWire } from '../connect-wire.ts';
import { AttachOperation } from './attach-operation.ts';
import { awaitExpiry } from './await-expiry.ts';
import type { BacklogSample, ExpiryReport } from './backlog.ts';
import { type ExpiryLags, ProbedLags, WatchedLags } from './expiry-lags.ts';

export interface LeaseHoldOptions {
  readonly count: number;
  /** What is asked for; etcd may grant more. */
  readonly ttlSeconds: number;
  /** From the last grant until they end. */
  readonly holdMs: number;
  /** How many keepalive streams there are, spread over the connections. */
  readonly streams: number;
  /** `expire`: they are not kept alive any more, and run out. `revoke`: each of them is revoked, at the rate of the grants. */
  readonly end: 'expire' | 'revoke';
  /** One key is attached to each lease. */
  readonly keys: KeySpace | undefined;
}

export type LeaseHoldPhase = 'grant' | 'attach' | 'hold' | 'end';

/** What a part of it took; only those that were reached. */
export type PhaseDurations = Partial<Record<LeaseHoldPhase, number>>;

interface LeaseHoldParts {
  /** What gets the load. */
  readonly access: ClusterAccess;
  /** All members: where metrics are read. */
  readonly cluster: ClusterAccess;
  /** How grants are sent: their rate, and over how many connections. */
  readonly plan: LoadPlan;
  readonly options: LeaseHoldOptions;
  readonly ledger: LeaseLedger;
  readonly onStep: (text: string) => void;
  readonly onBacklog: (sample: BacklogSample) => void;
}

/** Grants leases, keeps all of them alive, and ends them: everything of it counted as a load. */
export class LeaseHoldSource implements LoadSource {
  readonly laterSeries: readonly string[];
  readonly durationsMs: PhaseDurations = {};
  expiry: ExpiryReport | undefined;
  readonly #parts: LeaseHoldParts;
  readonly #engines: LoadSource[] = [];
  #granting: LoadSource | undefined;
  #control: WireClient | undefined;
  #keeper: LeaseKeeper | undefined;
  #lags: ExpiryLags | undefined;

  constructor(parts: LeaseHoldParts) {
    this.#parts = parts;
    const { keys, end } = parts.options;
    this.laterSeries = [...(keys === undefined ? [] : ['attach']), end === 'expire' ? 'expiry' : 'revoke'];
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const { access, plan, options, ledger } = this.#parts;
    this.#control = await connectWire(access, signal);
    ledger.ttlSeconds = await askTtl(this.#control, options.ttlSeconds);
    // As etcd's own clients do: two more tries before it is too late.
    const intervalMs = (ledger.ttlSeconds * 1000) / 3;
    const { connections } = plan;
    const { streams } = options;
    this.#keeper = await LeaseKeeper.open(ledger, { access, connections, streams, intervalMs }, signal);
    this.#granting = this.#openEngine(new GrantOperation(ledger, options.ttlSeconds), options.count);
    this.#engines.push(this.#granting);
    await this.#granting.prepare(signal);
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    const { options, ledger, onStep } = this.#parts;
    const [keeper, granting] = [this.#keeper!, this.#granting!];
    onPhase('measured');
    keeper.start();
    // With the last grant all is sent whose rate was asked for.
    await this.#timed('grant', () => granting.run(signal, (phase) => phase === 'done' && onPhase('done')));
    if (signal.aborted) return keeper.stop();
    if (ledger.existingCount === 0) throw new OperationError('etcd granted none of the leases');
    if (options.keys !== undefined) await this.#timed('attach', () => this.#attach(options.keys!, signal));
    onStep(`holding ${ledger.existingCount} leases`);
    await this.#timed('hold', () => sleep(options.holdMs, undefined, { signal }).catch(() => undefined));
    if (!signal.aborted) await this.#timed('end', () => this.#end(signal));
    keeper.stop();
  }

  async take(): Promise<LoadFigures> {
    const parts = await Promise.all(this.#engines.map((engine) => engine.take()));
    const kept = this.#keeper?.take();
    const expired = this.#lags?.take();
    const series: Series[] = [
      ...parts.flatMap((part) => part.series),
      ...(kept === undefined ? [] : [kept.series]),
      ...(expired === undefined ? [] : [expired]),
    ];
    const errors: ErrorCount[] = [...parts.flatMap((part) => part.errors), ...(kept?.errors ?? [])];
    const lateness = new LatencyRecorder();
    for (const part of parts) lateness.merge(part.lateness);
    const sum = (of: (part: LoadFigures) => number) => parts.reduce((all, part) => all + of(part), 0);
    return {
      series,
      errors,
      // Keepalives are not part of what is sent at a rate.
      sent: sum((part) => part.sent),
      late: sum((part) => part.late),
      dropped: sum((part) => part.dropped),
      lateness,
      inFlight: sum((part) => part.inFlight),
      counters: { ...this.#keeper?.counts, leasesHeld: this.#parts.ledger.count(LeaseState.held) },
      threadCpuMs: 0,
      eventLoopLagP99Ms: Math.max(0, ...parts.map((part) => part.eventLoopLagP99Ms)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lags?.close();
    await this.#keeper?.[Symbol.asyncDispose]();
    for (const engine of this.#engines) await engine[Symbol.asyncDispose]();
    await this.#control?.close();
  }

  async #attach(keys: KeySpace, signal: AbortSignal): Promise<void> {
    const { ledger, onStep } = this.#parts;
    onStep('attaching a key to each lease');
    const numbers = ledger.existing();
    await this.#runEngine(new AttachOperation(ledger, numbers, keys), numbers.length, signal);
  }

  async #end(signal: AbortSignal): Promise<void> {
    const { options, ledger, onStep } = this.#parts;
    const numbers = ledger.existing();
    onStep(`${options.end === 'expire' ? 'waiting for the end of' : 'revoking'} ${numbers.length} leases`);
    if (options.end === 'expire') await this.#expire(numbers, signal);
    else await this.#runEngine(new RevokeOperation(ledger, numbers), numbers.length, signal);
  }

  async #expire(numbers: Int32Array, signal: AbortSignal): Promise<void> {
    const { cluster, options, ledger, onBacklog } = this.#parts;
    const client = this.#control!;
    const lags =
      options.keys === undefined
        ? new ProbedLags(client, ledger, numbers)
        : await WatchedLags.open(client, ledger, options.keys);
    this.#lags = lags;
    this.#keeper?.stop();
    this.expiry = await awaitExpiry({
      access: cluster,
      client,
      ledger,
      numbers,
      lags,
      onSample: onBacklog,
      signal,
    });
  }

  #openEngine(operation: LoadOperation, requests: number): LoadSource {
    const { access, plan } = this.#parts;
    return openLoadEngine({
      access,
      plan: { ...plan, end: { kind: 'total', requests }, warmupMs: 0, threads: 1 },
      work: { kind: 'instance', operation },
    });
  }

  async #runEngine(operation: LoadOperation, requests: number, signal: AbortSignal): Promise<void> {
    const engine = this.#openEngine(operation, requests);
    try {
      await engine.prepare(signal);
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
    this.#engines.push(engine);
    await engine.run(signal, () => undefined);
  }

  async #timed(phase: LeaseHoldPhase, work: () => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    try {
      await work();
    } finally {
      this.durationsMs[phase] = Math.round(performance.now() - startedAt);
    }
  }
}
