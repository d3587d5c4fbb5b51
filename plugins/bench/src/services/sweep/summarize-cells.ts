import { type LatencyFigures, LatencyRecorder, type RecorderJson } from '@etcdperf/core/stats';
import type { MeasuredCell } from './run-cell.ts';
import type { Combination } from './sweep-plan.ts';
import { type CombinationSummary, LATENCY_FIGURES, type SeriesSummary, type Spread } from './sweep-report.ts';

/** The repeats of each combination as one: throughput by its median, latency from merged histograms. */
export function summarizeCells(
  combinations: readonly Combination[],
  cells: readonly MeasuredCell[],
): CombinationSummary[] {
  return combinations.map((combination) => {
    const own = cells.filter(({ result }) => result.combination === combination);
    const measured = own.filter(({ result: { status } }) => status.kind === 'done' || status.kind === 'missed');
    const names = [...new Set(measured.flatMap(({ result }) => result.series.map(({ name }) => name)))];
    return {
      combination,
      measured: measured.length,
      failed: own.filter(({ result }) => result.status.kind === 'failed').length,
      series: names.map((name) => summarizeSeries(name, measured)),
    };
  });
}

function summarizeSeries(name: string, cells: readonly MeasuredCell[]): SeriesSummary {
  const repeats = cells.flatMap(({ result }) => result.series.filter((series) => series.name === name));
  const histograms = cells.flatMap(({ histograms }) => histograms.get(name) ?? []);
  const merged = mergedFigures(histograms);
  const sum = (pick: (series: (typeof repeats)[number]) => number) =>
    repeats.reduce((total, series) => total + pick(series), 0);
  const rates = repeats.map(({ perSec }) => perSec);
  const latency = LATENCY_FIGURES.map((figure) => {
    // A repeat without a single answer has no latency: null, once it has been JSON.
    const values = repeats.map((series) => series.latency[figure] ?? Number.NaN).filter(Number.isFinite);
    return [figure, spread(merged[figure], values)];
  });
  return {
    name,
    ok: sum(({ ok }) => ok),
    fail: sum(({ fail }) => fail),
    unknown: sum(({ unknown }) => unknown),
    perSec: spread(median(rates), rates),
    latency: Object.fromEntries(latency) as SeriesSummary['latency'],
  };
}

function mergedFigures(histograms: readonly RecorderJson[]): LatencyFigures {
  const all = new LatencyRecorder();
  for (const histogram of histograms) all.merge(LatencyRecorder.fromJSON(histogram));
  return all.figures();
}

function spread(value: number, values: readonly number[]): Spread {
  if (values.length === 0) return { value: Number.NaN, min: Number.NaN, max: Number.NaN };
  return { value, min: Math.min(...values), max: Math.max(...values) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
