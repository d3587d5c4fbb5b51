import { OperationError } from '../errors/index.ts';
import { LatencyRecorder } from '../stats/index.ts';
import { addCounts, type Counts, countsSince } from './counts.ts';
import { LoadRun, type RunPart } from './load-run.ts';
import type { LoadFigures, LoadPhase, LoadSource } from './load-source.ts';
import { addErrors, LoadTally, type Tallied } from './load-tally.ts';
import type { LoadPart, MixedLoadOptions } from './mixed-load.ts';
import { NoSpacePause } from './no-space-pause.ts';
import { openConnections, wireOptions } from './open-connections.ts';
import { OperationConnection } from './operation-connection.ts';
import { OperationFeed } from './operation-feed.ts';
import { sharePlan } from './share-plan.ts';

/** The series of connections that came back. */
export const RECONNECT = 'reconnect';

/** Several loads in one thread, over the same connections. */
export class MixedEngine implements LoadSource {
  readonly #options: MixedLoadOptions;
  readonly #reconnects = new LoadTally([{ name: RECONNECT, isWrite: false }]);
  readonly #connections: readonly OperationConnection[];
  readonly #parts: readonly RunPart[];
  /** Of all parts; they take turns, since what was taken may still be looked at. */
  #lateness = new LatencyRecorder();
  #otherLateness = new LatencyRecorder();
  #isPrepared = false;
  /** What was counted when the warm-up was over. */
  #countersBefore: Counts = {};
  /** `late.<kind>` and `dropped.<kind>`. */
  readonly #missed: Record<string, number> = {};

  constructor(options: MixedLoadOptions) {
    this.#options = options;
    const { access, plan, parts, reconnectAfter = 0 } = options;
    const { timeoutMs } = plan;
    const wire = wireOptions(access, timeoutMs);
    const reconnects = this.#reconnects;
    this.#connections = Array.from(
      { length: plan.connections },
      (_, index) => new OperationConnection({ wire: wire(index), timeoutMs, reconnects, renewAfter: reconnectAfter }),
    );
    let firstKind = 0;
    this.#parts = parts.map((part) => {
      const made = this.#makePart(part, firstKind);
      firstKind += part.operation.kinds.length;
      return made;
    });
  }

  async prepare(signal: AbortSignal): Promise<void> {
    await openConnections(this.#connections, this.#options.access, signal);
    this.#isPrepared = true;
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    if (!this.#isPrepared) throw new OperationError('the load is not prepared');
    const { plan, noSpace } = this.#options;
    const startsAt = performance.now();
    this.#reconnects.measuredFrom = startsAt + plan.warmupMs;
    using pause = new NoSpacePause({
      connections: this.#connections,
      onPause: (reason) => {
        run.pause();
        this.#options.onPause?.(reason);
      },
      onResume: () => {
        run.resume();
        this.#options.onResume?.();
      },
    });
    const run: LoadRun = new LoadRun(
      {
        plan,
        parts: this.#parts,
        connections: this.#connections,
        startsAt,
        onNoSpace: noSpace === 'pause' ? (reason) => pause.begin(reason.message) : undefined,
      },
      (phase) => {
        if (phase === 'measured') this.#countersBefore = this.#counters();
        onPhase(phase);
      },
    );
    await run.finish(signal);
  }

  async take(): Promise<LoadFigures> {
    const taken = this.#parts.map(({ tally }) => tally.take());
    const reconnects = this.#reconnects.take();
    this.#countMissed(taken);
    [this.#lateness, this.#otherLateness] = [this.#otherLateness, this.#lateness];
    this.#lateness.clear();
    for (const { lateness } of taken) this.#lateness.merge(lateness);
    const sum = (pick: (one: Tallied) => number) => taken.reduce((all, one) => all + pick(one), 0);
    return {
      series: [...taken.flatMap(({ series }) => series), ...reconnects.series],
      errors: addErrors([...taken, reconnects].flatMap(({ errors }) => errors)),
      sent: sum(({ sent }) => sent),
      late: sum(({ late }) => late),
      dropped: sum(({ dropped }) => dropped),
      lateness: this.#lateness,
      inFlight: this.#parts.reduce((all, { tally }) => all + tally.inFlight, 0),
      counters: { ...countsSince(this.#counters(), this.#countersBefore), ...this.#missed },
      threadCpuMs: 0,
      eventLoopLagP99Ms: 0,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  #makePart({ pace, operation, goal }: LoadPart, firstKind: number): RunPart {
    const { plan, parts } = this.#options;
    const tally = new LoadTally(operation.kinds);
    const feed = new OperationFeed(operation, firstKind, goal);
    const rates = parts.flatMap((part) => (part.pace.kind === 'open' ? [part.pace.ratePerSec] : []));
    const ofAll = rates.reduce((sum, rate) => sum + rate, 0);
    const partOfAll = pace.kind === 'open' ? 0.5 / rates.length + (0.5 * pace.ratePerSec) / ofAll : 1;
    const share = sharePlan(
      {
        ...plan,
        pace: pace.kind === 'open' ? pace : { kind: 'closed' },
        clients: pace.kind === 'open' ? 1 : pace.clients,
        maxInFlight: Math.max(1, Math.floor(plan.maxInFlight * partOfAll)),
        threads: 1,
      },
      0,
    );
    const lanes = this.#connections.map((connection, index) => connection.addLane(index, feed, tally));
    return { pace, share, tally, lanes, goal };
  }

  #counters(): Counts {
    return addCounts(this.#options.parts.map(({ operation }) => operation.counters?.()));
  }

  #countMissed(taken: readonly Tallied[]): void {
    for (const [index, { late, dropped }] of taken.entries()) {
      const { pace, operation } = this.#options.parts[index]!;
      if (pace.kind !== 'open') continue;
      const { name } = operation.kinds[0]!;
      this.#missed[`late.${name}`] = (this.#missed[`late.${name}`] ?? 0) + late;
      this.#missed[`dropped.${name}`] = (this.#missed[`dropped.${name}`] ?? 0) + dropped;
    }
  }
}
