import type { IntervalSample, LoadReport } from '@etcdperf/core/load';
import { LatencyRecorder, type RecorderJson } from '@etcdperf/core/stats';

/** What was counted of one kind of request. */
interface SpanSeries {
  ok: number;
  fail: number;
  unknown: number;
  readonly latency: LatencyRecorder;
}

/** What happened between two moments, of which the file gets a line. */
export interface CsvSpan {
  readonly startedAt: string;
  readonly durationMs: number;
  readonly series: ReadonlyMap<string, Readonly<SpanSeries>>;
  /** What was counted in the span. */
  readonly counters: Readonly<Record<string, number>>;
  /** The same since the start of the load: for what is a level, and no count (`watchers`). */
  readonly levels: Readonly<Record<string, number>>;
  readonly late: number;
  readonly dropped: number;
}

type Counted = Pick<IntervalSample['series'][number], 'name' | 'ok' | 'fail' | 'unknown'> & {
  readonly histogram: RecorderJson;
};

/** A whole load. */
export function spanOfReport(report: LoadReport): CsvSpan {
  const { startedAt, durationMs, late, dropped, counters } = report;
  const series = new Map<string, SpanSeries>();
  for (const one of report.series) addTo(series, one);
  return { startedAt, durationMs, series, counters, levels: counters, late, dropped };
}

/** Adds samples up until `take()`. Percentiles are within 0.8 %, as the samples' are. */
export class SpanBuilder {
  readonly #series = new Map<string, SpanSeries>();
  #counters: Readonly<Record<string, number>> = {};
  #countersBefore: Readonly<Record<string, number>> = {};
  #fromMs = 0;
  #toMs = 0;
  #at = '';
  #late = 0;
  #dropped = 0;

  add(sample: IntervalSample): void {
    for (const one of sample.series) addTo(this.#series, one);
    this.#counters = sample.counters;
    this.#toMs = sample.toMs;
    this.#at = sample.at;
    this.#late += sample.late;
    this.#dropped += sample.dropped;
  }

  /** The load's time until now, in ms. */
  get endMs(): number {
    return this.#toMs;
  }

  /** What was added since the last time. Undefined: nothing. */
  take(): CsvSpan | undefined {
    const durationMs = this.#toMs - this.#fromMs;
    if (durationMs <= 0) return undefined;
    const span: CsvSpan = {
      startedAt: new Date(Date.parse(this.#at) - durationMs).toISOString(),
      durationMs,
      series: new Map(this.#series),
      counters: difference(this.#counters, this.#countersBefore),
      levels: this.#counters,
      late: this.#late,
      dropped: this.#dropped,
    };
    this.#series.clear();
    this.#countersBefore = this.#counters;
    this.#fromMs = this.#toMs;
    this.#late = 0;
    this.#dropped = 0;
    return span;
  }
}

function addTo(all: Map<string, SpanSeries>, { name, ok, fail, unknown, histogram }: Counted): void {
  const one = all.get(name) ?? { ok: 0, fail: 0, unknown: 0, latency: new LatencyRecorder() };
  all.set(name, one);
  one.ok += ok;
  one.fail += fail;
  one.unknown += unknown;
  one.latency.merge(LatencyRecorder.fromJSON(histogram));
}

function difference(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}
