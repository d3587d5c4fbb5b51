import { EtcdperfError, InputError, OperationError } from '../errors/index.ts';
import { LatencyRecorder, type RecorderJson } from '../stats/index.ts';
import type { LoadFigures, LoadPhase } from './load-source.ts';
import { Series, type SeriesJson } from './series.ts';
import type { ThreadEngineOptions } from './thread-engine.ts';

/** What a worker thread is started with. */
export interface WorkerData extends ThreadEngineOptions {
  /** Orders tell how they change. */
  readonly areEndpointsLive: boolean;
}

/** What a worker thread is told. */
export type ThreadOrder =
  /** `startsAtNs`: by process.hrtime, the one clock that all threads share. */
  | { readonly kind: 'run'; readonly startsAtNs: bigint }
  | { readonly kind: 'take' }
  /** What `LiveEndpoints.replace()` was given. */
  | { readonly kind: 'endpoints'; readonly endpoints: readonly string[]; readonly gone: readonly string[] }
  /** Ends preparing or running. */
  | { readonly kind: 'abort' }
  | { readonly kind: 'close' };

/** What a worker thread tells. */
export type ThreadReport =
  | { readonly kind: 'prepared'; readonly problem: Problem | undefined }
  | { readonly kind: 'phase'; readonly phase: LoadPhase }
  | { readonly kind: 'over'; readonly problem: Problem | undefined }
  | { readonly kind: 'figures'; readonly figures: FiguresJson }
  | { readonly kind: 'closed' };

export interface FiguresJson extends Omit<LoadFigures, 'series' | 'lateness'> {
  readonly series: readonly SeriesJson[];
  readonly lateness: RecorderJson;
}

/** An error that crosses from one thread to another: classes don't. */
export interface Problem {
  readonly kind: 'input' | 'operation' | 'other';
  readonly message: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
}

export function packFigures(figures: LoadFigures): FiguresJson {
  return {
    ...figures,
    series: figures.series.map((series) => series.toJSON()),
    lateness: figures.lateness.toJSON(),
  };
}

/** The figures of all threads as those of one. */
export function mergeFigures(parts: readonly FiguresJson[]): LoadFigures {
  const series: Series[] = [];
  const errors = new Map<string, LoadFigures['errors'][number]>();
  const lateness = new LatencyRecorder();
  const counters: Record<string, number> = {};
  for (const part of parts) {
    part.series.forEach((json, kind) => {
      series[kind] ??= new Series(json.name);
      series[kind].merge(Series.fromJSON(json));
    });
    for (const error of part.errors) {
      const key = `${error.outcome} ${error.message}`;
      errors.set(key, { ...error, count: error.count + (errors.get(key)?.count ?? 0) });
    }
    lateness.merge(LatencyRecorder.fromJSON(part.lateness));
    for (const [name, count] of Object.entries(part.counters)) counters[name] = (counters[name] ?? 0) + count;
  }
  const sum = (of: (part: FiguresJson) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    series,
    errors: [...errors.values()],
    sent: sum((part) => part.sent),
    late: sum((part) => part.late),
    dropped: sum((part) => part.dropped),
    lateness,
    inFlight: sum((part) => part.inFlight),
    counters,
    threadCpuMs: sum((part) => part.threadCpuMs),
    eventLoopLagP99Ms: Math.max(...parts.map((part) => part.eventLoopLagP99Ms)),
  };
}

export function packError(error: unknown): Problem {
  const kind = error instanceof InputError ? 'input' : error instanceof EtcdperfError ? 'operation' : 'other';
  const { where, hint } = error instanceof EtcdperfError ? error : { where: undefined, hint: undefined };
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  return { kind, message, where, hint, stack };
}

export function unpackError({ kind, message, where, hint, stack }: Problem): Error {
  switch (kind) {
    case 'input':
      return new InputError(message, { where, hint });
    case 'operation':
      return new OperationError(message, { where, hint });
    case 'other': {
      const error = new Error(message);
      if (stack !== undefined) error.stack = stack;
      return error;
    }
    default:
      return kind satisfies never;
  }
}
