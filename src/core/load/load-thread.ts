import type { Worker } from 'node:worker_threads';
import { OperationError } from '../errors/index.ts';
import { LiveEndpoints } from '../wire/index.ts';
import type { LoadPhase } from './load-source.ts';
import type { ThreadEngineOptions } from './thread-engine.ts';
import { type FiguresJson, type Problem, type ThreadOrder, type ThreadReport, unpackError } from './thread-messages.ts';

const isSource = import.meta.url.endsWith('.ts');

/** The main thread's end of one worker thread. */
export class LoadThread {
  readonly #worker: Worker;
  readonly #prepared = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #takes: PromiseWithResolvers<FiguresJson>[] = [];
  readonly #stopFollowing: (() => void) | undefined;
  #onPhase: (phase: LoadPhase) => void = () => {};
  #crash: Error | undefined;

  constructor(options: ThreadEngineOptions) {
    // Callers may hand in something larger, with parts that can't cross over.
    const { endpoints, tls, auth, dialTimeoutMs } = options.access;
    const live = endpoints instanceof LiveEndpoints ? endpoints : undefined;
    const access = { endpoints: [...endpoints], tls, auth, dialTimeoutMs };
    const workerData = { ...options, access, areEndpointsLive: live !== undefined };
    const entry = isSource
      ? new URL('./load-worker.ts', import.meta.url)
      : new URL('./load-worker.js', import.meta.url);
    // Loaded by who has threads: it takes 1 MB.
    this.#worker = new (process.getBuiltinModule('node:worker_threads').Worker)(entry, {
      workerData,
      execArgv: isSource ? ['--conditions=etcdperf-source'] : [],
      // What a load leaves behind dies young: more room for it would only be more memory.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on('message', (report: ThreadReport) => this.#onReport(report));
    this.#worker.on('error', (error) => this.#onCrash(error));
    this.#worker.on('exit', () => this.#onCrash(new Error('a load thread ended by itself')));
    this.#stopFollowing = live?.onChange((gone) => this.#order({ kind: 'endpoints', endpoints: [...live], gone }));
    // Whoever waits for them is told; if nobody does, that is no fault.
    this.#prepared.promise.catch(() => {});
    this.#over.promise.catch(() => {});
  }

  prepared(): Promise<void> {
    return this.#prepared.promise;
  }

  run(startsAtNs: bigint, onPhase: (phase: LoadPhase) => void): Promise<void> {
    this.#onPhase = onPhase;
    this.#order({ kind: 'run', startsAtNs });
    return this.#over.promise;
  }

  abort(): void {
    this.#order({ kind: 'abort' });
  }

  take(): Promise<FiguresJson> {
    if (this.#crash !== undefined) return Promise.reject(this.#crash);
    const take = Promise.withResolvers<FiguresJson>();
    this.#takes.push(take);
    this.#order({ kind: 'take' });
    return take.promise;
  }

  async close(): Promise<void> {
    this.#stopFollowing?.();
    if (this.#crash === undefined) {
      this.#order({ kind: 'close' });
      await this.#closed.promise;
    }
    await this.#worker.terminate();
  }

  #order(order: ThreadOrder): void {
    this.#worker.postMessage(order);
  }

  #onReport(report: ThreadReport): void {
    switch (report.kind) {
      case 'prepared':
        settle(this.#prepared, report.problem);
        break;
      case 'phase':
        this.#onPhase(report.phase);
        break;
      case 'over':
        settle(this.#over, report.problem);
        break;
      case 'figures':
        this.#takes.shift()?.resolve(report.figures);
        break;
      case 'closed':
        this.#closed.resolve();
        break;
      default:
        report satisfies never;
    }
  }

  #onCrash(cause: unknown): void {
    this.#crash ??= new OperationError(`a load thread failed: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
    for (const waiting of [this.#prepared, this.#over, ...this.#takes.splice(0)]) waiting.reject(this.#crash);
    this.#closed.resolve();
  }
}

function settle(waiting: PromiseWithResolvers<void>, problem: Problem | undefined): void {
  if (problem === undefined) waiting.resolve();
  else waiting.reject(unpackError(problem));
}
