import { OperationError } from '../errors/index.ts';
import type { ClusterAccess } from '../etcd/index.ts';
import { type EventLoopLag, watchEventLoopLag } from '../stats/index.ts';
import type { Lane } from './lane.ts';
import type { LoadPlan } from './load-plan.ts';
import { LoadRun } from './load-run.ts';
import type { LoadFigures, LoadPhase, LoadSource } from './load-source.ts';
import { LoadTally } from './load-tally.ts';
import { openLanes, wireOptions } from './open-lanes.ts';
import { OperationFeed } from './operation-feed.ts';
import { OperationLane } from './operation-lane.ts';
import { ScenarioFeed } from './scenario-feed.ts';
import { ScenarioLane } from './scenario-lane.ts';
import { type PlanShare, sharePlan } from './share-plan.ts';
import { makeWork, type Work, type WorkSource } from './work-source.ts';

export interface ThreadEngineOptions {
  readonly access: ClusterAccess;
  readonly plan: LoadPlan;
  readonly work: WorkSource;
  /** Which of the plan's threads this is. */
  readonly index: number;
}

type Counters = Readonly<Record<string, number>>;

interface Prepared {
  readonly work: Work;
  readonly tally: LoadTally;
  readonly lanes: readonly Lane[];
}

/** One thread's part of a load, in the thread where it is made. */
export class ThreadEngine implements LoadSource {
  readonly #options: ThreadEngineOptions;
  readonly #part: PlanShare;
  #prepared: Prepared | undefined;
  #lag: EventLoopLag | undefined;
  /** What the work had counted when the warm-up was over. */
  #countersBefore: Counters = {};

  constructor(options: ThreadEngineOptions) {
    this.#options = options;
    this.#part = sharePlan(options.plan, options.index);
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const { access, work: source } = this.#options;
    const work = await makeWork(source, this.#part.share);
    const tally = new LoadTally(kindsOf(work));
    const lanes = this.#makeLanes(work, tally);
    this.#prepared = { work, tally, lanes };
    await openLanes(lanes, access, signal);
    this.#lag = watchEventLoopLag();
  }

  /** @param startsAt by this thread's performance.now() */
  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void, startsAt = performance.now()): Promise<void> {
    const { work, tally, lanes } = this.#expectPrepared();
    this.#lag?.reset();
    const run = new LoadRun({ plan: this.#options.plan, part: this.#part, tally, lanes, startsAt }, (phase) => {
      if (phase === 'measured') this.#countersBefore = countersOf(work);
      onPhase(phase);
    });
    try {
      await run.finish(signal);
    } finally {
      if (work.kind === 'scenario') await work.scenario.close?.();
    }
  }

  async take(): Promise<LoadFigures> {
    const { work, tally } = this.#expectPrepared();
    const eventLoopLagP99Ms = this.#lag?.p99Ms() ?? 0;
    this.#lag?.reset();
    const counters: Record<string, number> = {};
    for (const [name, count] of Object.entries(countersOf(work)))
      counters[name] = count - (this.#countersBefore[name] ?? 0);
    return { ...tally.take(), inFlight: tally.inFlight, counters, threadCpuMs: 0, eventLoopLagP99Ms };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lag?.stop();
    await Promise.all(this.#prepared?.lanes.map((lane) => lane.close()) ?? []);
  }

  #makeLanes(work: Work, tally: LoadTally): Lane[] {
    const { access, plan } = this.#options;
    const wire = wireOptions(access, plan.timeoutMs);
    const parts = (connection: number, index: number) => ({
      index,
      wire: wire(connection),
      tally,
      timeoutMs: plan.timeoutMs,
    });
    const { lanes } = this.#part;
    if (work.kind === 'operation') {
      const feed = new OperationFeed(work.operation);
      return lanes.map(({ connection }, index) => new OperationLane(parts(connection, index), feed));
    }
    const feed = new ScenarioFeed(work.scenario);
    return lanes.map(({ connection }, index) => {
      const callers = { first: connection, step: plan.connections };
      return new ScenarioLane(parts(connection, index), feed, callers);
    });
  }

  #expectPrepared(): Prepared {
    if (this.#prepared === undefined) throw new OperationError('the load is not prepared');
    return this.#prepared;
  }
}

function kindsOf(work: Work) {
  return work.kind === 'operation' ? work.operation.kinds : work.scenario.kinds;
}

function countersOf(work: Work): Counters {
  // A copy: it may be what is counted on.
  return { ...(work.kind === 'operation' ? work.operation.counters?.() : work.scenario.counters?.()) };
}
