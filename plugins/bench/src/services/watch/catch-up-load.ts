import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import {
  type LoadFigures,
  type LoadPhase,
  type LoadPlan,
  type LoadSource,
  openLoadEngine,
  type WorkSource,
} from '@etcdperf/core/load';
import { LatencyRecorder } from '@etcdperf/core/stats';
import { comebackMs, tellRefusals, WatchFleet } from '@etcdperf/core/watches';
import { CatchUpTracker } from './catch-up-tracker.ts';
import { type MissingEvents, missingEvents } from './missing-events.ts';
import { signedFigures } from './signed-figures.ts';
import { type TroubledWatcher, type WatchFigures, watchFigures } from './watch-figures.ts';
import type { WatchPlan } from './watch-plan.ts';

/** Watchers that read a history, and requests that are timed beside them. */
export interface CatchUpLoadOptions {
  readonly access: ClusterAccess;
  /** Of the requests. They end with the last watcher; its end is for watchers that are not through by then. */
  readonly plan: LoadPlan;
  readonly requests: WorkSource;
  /** All on one range, from the first revision of the history. */
  readonly watch: WatchPlan;
  /** Of the history, ascending. */
  readonly revisions: readonly number[];
  readonly connections: number;
  readonly streams: number;
}

const POLL_MS = 10;

/** Asks for all watches at once, and is over when each has seen the history's last revision. */
export class CatchUpLoad implements LoadSource {
  readonly fleet: WatchFleet;
  readonly tracker: CatchUpTracker;
  readonly #options: CatchUpLoadOptions;
  readonly #requests: LoadSource;
  #creationMs = 0;
  #cpuMs = 0;
  /** When it was over. */
  #missing: MissingEvents = { lost: 0, undelivered: 0 };
  /** What the next `take()` has to tell. */
  #untold: MissingEvents | undefined;

  constructor(options: CatchUpLoadOptions) {
    const { access, plan, requests, watch, revisions, connections, streams } = options;
    const { targets } = watch;
    this.#options = options;
    this.tracker = new CatchUpTracker(targets.length, revisions);
    const createAhead = targets.length;
    this.fleet = new WatchFleet({ access, connections, streams, targets, createAhead }, this.tracker);
    this.#requests = openLoadEngine({ access, plan, work: requests });
  }

  async prepare(signal: AbortSignal): Promise<void> {
    await this.fleet.connect(signal);
    await this.#requests.prepare(signal);
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    const ending = new AbortController();
    const cpuFrom = process.cpuUsage();
    const requests = this.#requests.run(AbortSignal.any([signal, ending.signal]), onPhase);
    // Whichever is over first, at the end of its time or with an error, ends the other.
    requests.then(
      () => ending.abort(),
      () => ending.abort(),
    );
    const watching = this.#watch(AbortSignal.any([signal, ending.signal])).finally(() => ending.abort());
    try {
      await Promise.all([requests, watching]);
    } finally {
      await Promise.allSettled([requests, watching]);
      const { user, system } = process.cpuUsage(cpuFrom);
      this.#cpuMs = (user + system) / 1000;
      this.tracker.ledger.settle(0, 0);
      this.#missing = missingEvents(this.tracker.ledger, this.fleet, signal.aborted);
      this.#untold = this.#missing;
    }
  }

  async take(): Promise<LoadFigures> {
    const figures = await this.#requests.take();
    const series = this.tracker.take();
    const missing = this.#untold;
    this.#untold = undefined;
    if (missing === undefined) return { ...figures, series: [series, ...figures.series] };
    this.#countUnfinished(series, missing);
    const errors = [...figures.errors, ...tellRefusals(this.fleet)];
    return { ...figures, series: [series, ...figures.series], errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#requests[Symbol.asyncDispose](), this.fleet[Symbol.asyncDispose]()]);
  }

  /** What was seen, when it is over and taken. */
  figures(tell: (watcher: TroubledWatcher) => void): WatchFigures {
    const { fleet, tracker } = this;
    const { ledger, foreign, startedAt, lastEventAt } = tracker;
    const none = new LatencyRecorder();
    return watchFigures(
      {
        watch: this.#options.watch,
        fleet,
        ledger,
        foreign,
        untimed: 0,
        lagFromAck: signedFigures(none, none),
        creationMs: this.#creationMs,
        cpuMs: this.#cpuMs,
        deliveryMs: Math.max(0, lastEventAt - startedAt),
        measuredEvents: ledger.delivered,
        missing: this.#missing,
      },
      tell,
    );
  }

  /** Watchers that never got to the end. */
  #countUnfinished(series: ReturnType<CatchUpTracker['take']>, { lost }: MissingEvents): void {
    const { targets } = this.fleet;
    const unfinished = targets.length - this.tracker.done;
    if (lost > 0) series.fail += unfinished;
    else series.unknown += unfinished;
  }

  /** Resolves when all are through, when nothing has come for too long, or when the signal says so. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { tracker, fleet } = this;
    const { timeoutMs } = this.#options.plan;
    tracker.startedAt = performance.now();
    await fleet.create(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    this.#creationMs = performance.now() - tracker.startedAt;
    let progress = '';
    let quietSince = performance.now();
    while (tracker.done < fleet.targets.length && !signal.aborted) {
      const now = performance.now();
      const state = `${tracker.ledger.delivered} ${tracker.done} ${fleet.inPlace}`;
      if (state !== progress) quietSince = now;
      progress = state;
      if (now - quietSince > (fleet.isWhole ? timeoutMs : Math.max(timeoutMs, comebackMs))) return;
      await sleep(POLL_MS);
    }
  }
}
