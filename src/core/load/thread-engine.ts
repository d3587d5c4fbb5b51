import { OperationError } from '../errors/index.ts';
import type { ClusterAccess } from '../etcd/index.ts';
import { type Counts, countsSince } from './counts.ts';
import type { Lane } from './lane.ts';
import type { LoadConnection } from './load-connection.ts';
import type { LoadPlan } from './load-plan.ts';
import { LoadRun } from './load-run.ts';
import type { LoadFigures, LoadPhase, LoadSource } from './load-source.ts';
import { LoadTally } from './load-tally.ts';
import { openConnections, wireOptions } from './open-connections.ts';
import { OperationConnection } from './operation-connection.ts';
import { OperationFeed } from './operation-feed.ts';
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

interface Prepared {
  readonly work: Work;
  readonly tally: LoadTally;
  readonly lanes: readonly Lane[];
  readonly connections: readonly LoadConnection[];
}

/** One thread's part of a load, in the thread where it is made. */
export class ThreadEngine implements LoadSource {
  readonly #options: ThreadEngineOptions;
  readonly #part: PlanShare;
  #prepared: Prepared | undefined;
  /** What the work had counted when the warm-up was over. */
  #countersBefore: Counts = {};

  constructor(options: ThreadEngineOptions) {
    this.#options = options;
    this.#part = sharePlan(options.plan, options.index);
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const { access, work: source } = this.#options;
    const work = await makeWork(source, this.#part.share);
    const tally = new LoadTally(kindsOf(work));
    this.#prepared = { work, tally, ...this.#makeLanes(work, tally) };
    await openConnections(this.#prepared.connections, access, signal);
  }

  /** @param startsAt by this thread's performance.now() */
  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void, startsAt = performance.now()): Promise<void> {
    const { work, tally, lanes, connections } = this.#expectPrepared();
    const { plan } = this.#options;
    const pace = plan.pace.kind === 'closed' ? { kind: 'closed' as const, clients: plan.clients } : plan.pace;
    const parts = [{ pace, share: this.#part, tally, lanes }];
    const run = new LoadRun({ plan, parts, connections, startsAt }, (phase) => {
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
    const counters = countsSince(countersOf(work), this.#countersBefore);
    return { ...tally.take(), inFlight: tally.inFlight, counters, threadCpuMs: 0, eventLoopLagP99Ms: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#prepared?.connections.map((connection) => connection.close()) ?? []);
  }

  #makeLanes(work: Work, tally: LoadTally): Pick<Prepared, 'lanes' | 'connections'> {
    const { access, plan } = this.#options;
    const { timeoutMs } = plan;
    const wire = wireOptions(access, timeoutMs);
    const { lanes: shares } = this.#part;
    if (work.kind === 'operation') {
      const feed = new OperationFeed(work.operation);
      const connections = shares.map(
        ({ connection }) => new OperationConnection({ wire: wire(connection), timeoutMs }),
      );
      return { lanes: connections.map((connection, index) => connection.addLane(index, feed, tally)), connections };
    }
    const feed = new ScenarioFeed(work.scenario);
    const lanes = shares.map(({ connection }, index) => {
      const callers = { first: connection, step: plan.connections };
      return new ScenarioLane({ index, wire: wire(connection), tally, timeoutMs }, feed, callers);
    });
    return { lanes, connections: lanes };
  }

  #expectPrepared(): Prepared {
    if (this.#prepared === undefined) throw new OperationError('the load is not prepared');
    return this.#prepared;
  }
}

function kindsOf(work: Work) {
  return work.kind === 'operation' ? work.operation.kinds : work.scenario.kinds;
}

function countersOf(work: Work): Counts {
  // A copy: it may be what is counted on.
  return { ...(work.kind === 'operation' ? work.operation.counters?.() : work.scenario.counters?.()) };
}
