import type { LatencyFigures, RecorderJson } from '../stats/index.ts';
import type { ErrorCount, LoadFigures } from './load-source.ts';
import type { Series } from './series.ts';

/** What was counted of one series in an interval. */
export interface SeriesSample {
  readonly name: string;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  /** `ok` over the interval. */
  readonly perSec: number;
  readonly latency: LatencyFigures;
  /** Within 0.8 %, to keep lines small; mergeable with those of other intervals. */
  readonly histogram: RecorderJson;
}

/** One line of `samples.jsonl`: an interval of the measured window. */
export interface IntervalSample {
  /** Its end, ISO 8601. */
  readonly at: string;
  /** Since the start of the measured window. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly series: readonly SeriesSample[];
  readonly errors: readonly ErrorCount[];
  readonly sent: number;
  readonly late: number;
  readonly dropped: number;
  /** At its end. */
  readonly inFlight: number;
  /** Actual minus intended start; undefined for a closed loop. */
  readonly lateness: LatencyFigures | undefined;
  /** Since the start of the measured window, at the interval's end. */
  readonly counters: Readonly<Record<string, number>>;
  readonly generator: {
    readonly cpuPercent: number;
    readonly eventLoopLagP99Ms: number;
    readonly rssMb: number;
  };
}

/** 64 slots for every doubling. */
const SAMPLE_PRECISION = 6;

/** Makes a sample of what a source counted between two moments (ms since the measured window began). */
export function intervalSample(
  figures: LoadFigures,
  span: { readonly fromMs: number; readonly toMs: number; readonly at: Date },
  generator: IntervalSample['generator'],
): IntervalSample {
  const { errors, sent, late, dropped, inFlight, lateness, counters } = figures;
  const { fromMs, toMs, at } = span;
  const sampleOf = (series: Series): SeriesSample => ({
    name: series.name,
    ok: series.ok,
    fail: series.fail,
    unknown: series.unknown,
    perSec: rounded((series.ok * 1000) / Math.max(toMs - fromMs, 1e-3)),
    latency: series.latency.figures(),
    histogram: series.latency.toCoarseJSON(SAMPLE_PRECISION),
  });
  return {
    at: at.toISOString(),
    fromMs: rounded(fromMs),
    toMs: rounded(toMs),
    series: figures.series.map(sampleOf),
    errors,
    sent,
    late,
    dropped,
    inFlight,
    lateness: lateness.count === 0 ? undefined : lateness.figures(),
    counters,
    generator,
  };
}

const CSV_COLUMNS = [
  'at',
  'from_ms',
  'to_ms',
  'series',
  'ok',
  'fail',
  'unknown',
  'per_sec',
  'min_ms',
  'mean_ms',
  'p50_ms',
  'p90_ms',
  'p99_ms',
  'p99.9_ms',
  'max_ms',
  'sent',
  'late',
  'dropped',
  'in_flight',
  'cpu_percent',
  'loop_lag_ms',
  'rss_mb',
] as const;

/** The first line of `samples.csv`. */
export const SAMPLE_CSV_HEADER = CSV_COLUMNS.join(',');

/** A line for each series, without a line break at the end. What belongs to all series is repeated in each. */
export function sampleCsv(sample: IntervalSample): string {
  const { at, fromMs, toMs, sent, late, dropped, inFlight, generator } = sample;
  return sample.series
    .map(({ name, ok, fail, unknown, perSec, latency }) => {
      const { minMs, meanMs, p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = latency;
      // An interval without answers has no latencies: the fields stay empty.
      const ms = [minMs, meanMs, p50Ms, p90Ms, p99Ms, p999Ms, maxMs].map((value) => (Number.isNaN(value) ? '' : value));
      const load = [sent, late, dropped, inFlight];
      const own = [generator.cpuPercent, generator.eventLoopLagP99Ms, generator.rssMb];
      return [at, fromMs, toMs, csvField(name), ok, fail, unknown, perSec, ...ms, ...load, ...own].join(',');
    })
    .join('\n');
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
