import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { type LoadFigures, type LoadPhase, type LoadPlan, type LoadSource, openLoadEngine } from '@etcdperf/core/load';
import { comebackMs, WatchFleet } from '@etcdperf/core/watches';
import type { KeySource, ValueSource } from '@etcdperf/core/workload';
import { WatchWriteOperation } from '../../operations/watch-write-operation.ts';
import { type MissingEvents, missingEvents, tellMissing } from './missing-events.ts';
import { signedFigures } from './signed-figures.ts';
import { type TroubledWatcher, type WatchCounted, type WatchFigures, watchFigures } from './watch-figures.ts';
import type { WatchPlan } from './watch-plan.ts';
import { stampBytes } from './watch-stamp.ts';
import { WatchTracker } from './watch-tracker.ts';

/** Watchers, and what is written under their eyes. */
export interface WatchLoadOptions {
  readonly access: ClusterAccess;
  /** Of the writes. Watchers have connections of their own. */
  readonly plan: LoadPlan;
  readonly watch: WatchPlan;
  /** Of the watchers. */
  readonly connections: number;
  readonly streams: number;
  /** Which keys are written, by number. */
  readonly chooser: Pick<KeySource, 'next'>;
  readonly values: ValueSource;
  /** 0 to 1. */
  readonly deleteShare: number;
  /** 0 to 1, again and again. */
  readonly random: () => number;
  /** Whether all of the lag's series are reported, or only that from the intended start. */
  readonly isLagDetailed: boolean;
}

const SETTLE_MS = 100;
const POLL_MS = 10;
/** How long an interrupted run waits for events. */
const LONGEST_DRAIN_MS = 5000;

/** Puts watches in place, then writes and times what they see; ends when every watcher has seen all of it. */
export class WatchLoad implements LoadSource {
  readonly fleet: WatchFleet;
  readonly tracker: WatchTracker;
  /** From asking for the first watch until the last was in place. */
  creationMs = 0;
  /** Of this process, over the measured window. */
  cpuMs = 0;
  /** From the start of the measured window to its last event. */
  deliveryMs = 0;
  readonly #options: WatchLoadOptions;
  readonly #writes: LoadSource;
  #measuredFrom = 0;
  #cpuFrom: NodeJS.CpuUsage | undefined;
  /** When it was over. */
  #missing: MissingEvents = { lost: 0, undelivered: 0 };
  /** What the next `take()` has to tell. */
  #untold: MissingEvents | undefined;

  constructor(options: WatchLoadOptions) {
    this.#options = options;
    const { access, plan, watch, connections, streams, chooser, values, deleteShare, random } = options;
    const run = values.length < stampBytes ? undefined : randomInt(1, 2 ** 32);
    this.tracker = new WatchTracker(watch, run, plan.warmupMs);
    this.fleet = new WatchFleet({ access, connections, streams, targets: watch.targets, createAhead: 1 }, this.tracker);
    const { tracker } = this;
    const operation = new WatchWriteOperation({ keys: watch.keys, chooser, values, deleteShare, random, run, tracker });
    this.#writes = openLoadEngine({ access, plan, work: { kind: 'instance', operation } });
  }

  async prepare(signal: AbortSignal): Promise<void> {
    await this.fleet.connect(signal);
    const startedAt = performance.now();
    await this.fleet.create(signal);
    this.creationMs = performance.now() - startedAt;
    await this.#writes.prepare(signal);
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    const { tracker } = this;
    const settling = setInterval(() => tracker.settle(), SETTLE_MS);
    try {
      await this.#writes.run(signal, (phase) => {
        if (phase === 'measured') this.#onMeasured();
        onPhase(phase);
      });
      await this.#awaitEvents(signal);
    } finally {
      clearInterval(settling);
      this.#onOver(signal.aborted);
    }
  }

  async take(): Promise<LoadFigures> {
    const figures = await this.#writes.take();
    const lags = this.tracker.lag.take();
    const missing = this.#untold;
    this.#untold = undefined;
    return {
      ...figures,
      series: [...figures.series, ...(this.#options.isLagDetailed ? lags : [lags[0]])],
      errors:
        missing === undefined ? figures.errors : [...figures.errors, ...tellMissing(lags[0], missing, this.fleet)],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#writes[Symbol.asyncDispose](), this.fleet[Symbol.asyncDispose]()]);
  }

  /** What was seen, when it is over and taken. */
  figures(tell: (watcher: TroubledWatcher) => void): WatchFigures {
    const { fleet, tracker, creationMs, cpuMs, deliveryMs } = this;
    const { ledger, lag, foreign } = tracker;
    const counted: WatchCounted = {
      watch: this.#options.watch,
      fleet,
      ledger,
      foreign,
      untimed: lag.untimed,
      lagFromAck: signedFigures(lag.totals.early, lag.totals.acknowledged),
      creationMs,
      cpuMs,
      deliveryMs,
      measuredEvents: lag.measured,
      missing: this.#missing,
    };
    return watchFigures(counted, tell);
  }

  #onMeasured(): void {
    this.#measuredFrom = performance.now();
    this.#cpuFrom = process.cpuUsage();
  }

  #onOver(isCutShort: boolean): void {
    const { tracker } = this;
    tracker.settle();
    this.#missing = missingEvents(tracker.ledger, this.fleet, isCutShort);
    this.#untold = this.#missing;
    if (this.#cpuFrom === undefined) return;
    const { user, system } = process.cpuUsage(this.#cpuFrom);
    this.cpuMs = (user + system) / 1000;
    this.deliveryMs = Math.max(0, tracker.lastEventAt - this.#measuredFrom);
  }

  /** Until every watcher has all that was written, or nothing has come for too long. */
  async #awaitEvents(signal: AbortSignal): Promise<void> {
    const { tracker, fleet } = this;
    const { timeoutMs } = this.#options.plan;
    const endsAt = performance.now() + Math.min(LONGEST_DRAIN_MS, timeoutMs);
    let progress = '';
    let quietSince = 0;
    for (;;) {
      tracker.settle();
      const now = performance.now();
      if (tracker.ledger.missing === 0 || (signal.aborted && now > endsAt)) return;
      const state = `${tracker.ledger.delivered} ${fleet.inPlace}`;
      if (state !== progress) quietSince = now;
      progress = state;
      if (now - quietSince > (fleet.isWhole ? timeoutMs : Math.max(timeoutMs, comebackMs))) return;
      await sleep(POLL_MS);
    }
  }
}
