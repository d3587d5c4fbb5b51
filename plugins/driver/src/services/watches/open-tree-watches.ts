import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { LoadFigures, LoadPhase, LoadSource } from '@etcdperf/core/load';
import { LatencyRecorder } from '@etcdperf/core/stats';
import { tellRefusals, WatchFleet } from '@etcdperf/core/watches';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { WatchObserver } from '../verify/watch-observer.ts';
import type { WriteObserver } from '../verify/write-observer.ts';
import { NodeTargets } from './node-targets.ts';
import { WatchMonitor } from './watch-monitor.ts';
import type { WatchedNodes } from './watched-nodes.ts';

export interface TreeWatchOptions {
  readonly access: ClusterAccess;
  readonly space: PatternSpace;
  /** Who watches what. */
  readonly nodes: WatchedNodes;
  /** Of the watchers, apart from those of other load. */
  readonly connections: number;
  /** Told all that the watchers see. */
  readonly observer?: WatchObserver | undefined;
}

/** Watchers that stand beside other load. */
export interface TreeWatchSource extends LoadSource {
  /** To be told of this driver's own writes: their events are timed. */
  readonly writes: WriteObserver;
  /** When the last event was read, by performance.now(); 0: there was none. */
  readonly lastEventAt: number;
  /** Whether every watch is in place that etcd did not refuse. */
  readonly isWhole: boolean;
  /** From asking for the first watch until the last was in place. */
  readonly creationMs: number;
  /** Of single watches. */
  readonly creationLatency: LatencyRecorder;
}

/** One for so many watches, where there are not more connections. */
const WATCHES_PER_STREAM = 1000;
/** Asked for before the first of them is in place, on each stream. */
const CREATE_AHEAD = 16;

/**
 * Watches nodes of a pattern's levels. `prepare` puts all watches in place; `run` only lets them stand until its signal
 * is aborted. Series `watch delivery`; counters `watchers` (in place now), `watchEvents`, `watchEventBytes`,
 * `watchDuplicates`, `watchReordered`, `watchGaps`, `watchesResumed`, `watchDisconnects`, `watchEventsUntimed`.
 */
export function openTreeWatches(options: TreeWatchOptions): TreeWatchSource {
  return new TreeWatchLoad(options);
}

class TreeWatchLoad implements TreeWatchSource {
  creationMs = 0;
  readonly #nodes: WatchedNodes;
  readonly #observer: WatchObserver | undefined;
  readonly #fleet: WatchFleet;
  readonly #monitor: WatchMonitor;
  /** Refusals that were told. */
  #told = 0;

  constructor({ access, space, nodes, connections, observer }: TreeWatchOptions) {
    this.#nodes = nodes;
    this.#observer = observer;
    const streams = Math.max(connections, Math.ceil(nodes.watchers / WATCHES_PER_STREAM));
    this.#monitor = new WatchMonitor(space, nodes.watchers, observer);
    const targets = new NodeTargets(space, nodes);
    this.#fleet = new WatchFleet({ access, connections, streams, targets, createAhead: CREATE_AHEAD }, this.#monitor);
  }

  get writes(): WriteObserver {
    return this.#monitor.lag;
  }

  get lastEventAt(): number {
    return this.#monitor.lastEventAt;
  }

  get isWhole(): boolean {
    return this.#fleet.isWhole;
  }

  get creationLatency(): LatencyRecorder {
    return this.#fleet.creationLatency;
  }

  async prepare(signal: AbortSignal): Promise<void> {
    if (this.#nodes.watchers === 0) return;
    await this.#fleet.connect(signal);
    const startedAt = performance.now();
    await this.#fleet.create(signal);
    this.creationMs = performance.now() - startedAt;
    this.#observer?.onAllInPlace(this.#fleet.createdAtRevision);
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    onPhase('measured');
    await aborted(signal);
    onPhase('done');
  }

  async take(): Promise<LoadFigures> {
    const { events, eventBytes, duplicated, reordered, lag } = this.#monitor;
    const { inPlace, gaps, resumed, disconnects, refusals } = this.#fleet;
    const series = lag.take();
    const isNews = refusals.size > this.#told;
    this.#told = refusals.size;
    return {
      series: [series],
      errors: isNews ? tellRefusals(this.#fleet) : [],
      sent: 0,
      late: 0,
      dropped: 0,
      lateness: new LatencyRecorder(),
      inFlight: 0,
      counters: {
        watchers: inPlace,
        watchEvents: events,
        watchEventBytes: eventBytes,
        watchEventsUntimed: lag.untimed,
        watchDuplicates: duplicated,
        watchReordered: reordered,
        watchGaps: gaps,
        watchesResumed: resumed,
        watchDisconnects: disconnects,
      },
      threadCpuMs: 0,
      eventLoopLagP99Ms: 0,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet[Symbol.asyncDispose]();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
