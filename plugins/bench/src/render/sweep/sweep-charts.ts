import {
  type Combination,
  combinationsOf,
  type Dimension,
  describeCombination,
} from '../../services/sweep/sweep-plan.ts';
import type { CombinationSummary, SeriesSummary, Spread, SweepReport } from '../../services/sweep/sweep-report.ts';

/** One plot: a figure against a varied value, a line for each combination of the others. Plain data for the page. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly xTitle: string;
  /** Values that are no numbers stand evenly side by side, at 0, 1, 2, … */
  readonly xKind: 'linear' | 'log' | 'labels';
  readonly xLabels: readonly string[];
  readonly x: readonly number[];
  readonly yKind: 'linear' | 'log';
  readonly lines: readonly ChartLine[];
}

export interface ChartLine {
  readonly label: string;
  /** For each x; null where nothing was measured. */
  readonly y: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/** All plots against one varied value. */
export interface ChartGroup {
  readonly title: string;
  readonly charts: readonly Chart[];
}

const FIGURES: readonly {
  readonly title: string;
  readonly unit: string;
  readonly of: (series: SeriesSummary) => Spread;
}[] = [
  { title: 'throughput', unit: 'per second', of: ({ perSec }) => perSec },
  { title: 'latency p50', unit: 'ms', of: ({ latency }) => latency.p50Ms },
  { title: 'latency p90', unit: 'ms', of: ({ latency }) => latency.p90Ms },
  { title: 'latency p99', unit: 'ms', of: ({ latency }) => latency.p99Ms },
  { title: 'latency p99.9', unit: 'ms', of: ({ latency }) => latency.p999Ms },
  { title: 'latency max', unit: 'ms', of: ({ latency }) => latency.maxMs },
];
/** Where the largest is so many times the smallest, a linear axis would show only the largest. */
const LOG_FROM = 30;

/** Throughput and latencies against every dimension that has several values. */
export function sweepCharts(report: Pick<SweepReport, 'dimensions' | 'combinations'>): ChartGroup[] {
  const names = [...new Set(report.combinations.flatMap(({ series }) => series.map(({ name }) => name)))];
  return report.dimensions
    .filter(({ values }) => values.length > 1)
    .flatMap((dimension) =>
      names.map((name) => ({
        title: names.length > 1 ? `${name} by ${dimension.name}` : `by ${dimension.name}`,
        charts: FIGURES.map(({ title, unit, of }) => {
          const find = (combination: Combination) => {
            const series = findSummary(report.combinations, combination)?.series.find((one) => one.name === name);
            return series === undefined ? undefined : of(series);
          };
          return { title, unit, ...chartOf(dimension, report.dimensions, find) };
        }),
      })),
    );
}

function chartOf(
  dimension: Dimension,
  dimensions: readonly Dimension[],
  find: (combination: Combination) => Spread | undefined,
): Omit<Chart, 'title' | 'unit'> {
  const numbers = dimension.values.map(Number);
  const areNumbers = numbers.every(Number.isFinite);
  // The plot needs them in ascending order; words stay as they were written.
  const values = areNumbers ? dimension.values.toSorted((a, b) => Number(a) - Number(b)) : dimension.values;
  const x = areNumbers ? values.map(Number) : values.map((_, index) => index);
  const others = combinationsOf(dimensions.filter((other) => other !== dimension));
  const lines = others.map((other) => {
    const spreads = values.map((value) => find({ ...other, [dimension.name]: value }));
    const pick = (figure: keyof Spread) => spreads.map((spread) => finite(spread?.[figure]));
    const varied = Object.entries(other).filter(([name]) => isVaried(dimensions, name));
    const label = describeCombination(Object.fromEntries(varied)) || 'all';
    return { label, y: pick('value'), low: pick('min'), high: pick('max') };
  });
  const figures = lines.flatMap(({ low, high }) => [...low, ...high]).filter((value) => value !== null);
  return {
    xTitle: dimension.name,
    xKind: areNumbers ? (isWide(x) ? 'log' : 'linear') : 'labels',
    xLabels: values,
    x,
    yKind: isWide(figures) ? 'log' : 'linear',
    lines,
  };
}

function findSummary(
  summaries: readonly CombinationSummary[],
  combination: Combination,
): CombinationSummary | undefined {
  return summaries.find((summary) =>
    Object.entries(combination).every(([name, value]) => summary.combination[name] === value),
  );
}

function isVaried(dimensions: readonly Dimension[], name: string): boolean {
  return (dimensions.find((one) => one.name === name)?.values.length ?? 0) > 1;
}

function isWide(values: readonly number[]): boolean {
  if (values.length === 0) return false;
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) / least >= LOG_FROM;
}

/** JSON has no NaN. */
function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}
