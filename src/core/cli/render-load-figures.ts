import type { LoadReport, SeriesReport } from '../load/index.ts';
import { formatMs, LatencyRecorder, renderHistogram } from '../stats/index.ts';
import { type Column, renderTable } from './table.ts';

/** How a time in ms is shown. */
export type Time = (ms: number) => string;

/** What was never measured is NaN, and null in a report that was read from its file. */
export function isMissing(value: number | null): boolean {
  return value === null || Number.isNaN(value);
}

export function shortMs(ms: number): string {
  return isMissing(ms) ? '–' : formatMs(ms);
}

export function preciseMs(ms: number): string {
  return isMissing(ms) ? '–' : `${ms.toFixed(6)} ms`;
}

/** A line for each figure, a column for each series. */
export function renderFigures({ series }: LoadReport, time: Time): string {
  if (series.length === 0) return 'nothing was counted';
  const latency = (title: string, which: keyof SeriesReport['latency']): [string, (one: SeriesReport) => string] => [
    title,
    (one) => time(one.latency[which]),
  ];
  const lines: [string, (one: SeriesReport) => string | number][] = [
    ['ok', (one) => one.ok],
    ['fail', (one) => one.fail],
    ['unknown', (one) => one.unknown],
    ['rate', (one) => perSec(one.perSec)],
    latency('min', 'minMs'),
    latency('mean', 'meanMs'),
    latency('stddev', 'stddevMs'),
    latency('p10', 'p10Ms'),
    latency('p25', 'p25Ms'),
    latency('p50', 'p50Ms'),
    latency('p75', 'p75Ms'),
    latency('p90', 'p90Ms'),
    latency('p95', 'p95Ms'),
    latency('p99', 'p99Ms'),
    latency('p99.9', 'p999Ms'),
    latency('p99.99', 'p9999Ms'),
    latency('max', 'maxMs'),
  ];
  const columns: Column<(typeof lines)[number]>[] = [
    { title: '', value: ([title]) => title },
    ...series.map((one) => ({
      title: one.name,
      align: 'right' as const,
      value: ([, value]: (typeof lines)[number]) => value(one),
    })),
  ];
  return renderTable(columns, lines);
}

export function renderHistograms({ series }: LoadReport, width: number): string[] {
  return series.flatMap(({ name, histogram }) => {
    const lines = renderHistogram(LatencyRecorder.fromJSON(histogram), { width });
    if (lines.length === 0) return [];
    return [[...(series.length > 1 ? [`${name}:`] : []), ...lines].join('\n')];
  });
}

export function perSec(rate: number): string {
  return `${rate >= 100 ? rate.toFixed(0) : Number(rate.toPrecision(3))}/s`;
}
