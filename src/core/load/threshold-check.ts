import { InputError } from '../errors/index.ts';
import type { Series } from './series.ts';
import type { CountedOutcome, Threshold, ThresholdResult } from './threshold.ts';

/** What was counted between two moments. */
export interface CountedWindow {
  readonly series: readonly Series[];
  readonly sent: number;
  readonly late: number;
  readonly dropped: number;
  readonly durationMs: number;
}

/**
 * Throws InputError for a threshold that names a series which is not counted: found out after hours, it would be too
 * late.
 *
 * @param names of all series; none where a source doesn't know, and nothing is refused
 */
export function requireSeries(thresholds: readonly Threshold[], names: readonly string[]): void {
  const wrong = thresholds.find(({ series }) => series !== undefined && !names.includes(series));
  if (wrong === undefined || names.length === 0) return;
  throw new InputError(`'${wrong.text}': nothing is called '${wrong.series}' here`, {
    where: '--threshold',
    hint: `there is ${names.map((name) => `'${name}'`).join(', ')}`,
  });
}

const NS_PER_MS = 1e6;

/** Compares what was counted with a threshold: one result, or for latencies one for each series that is meant. */
export function checkThreshold(threshold: Threshold, window: CountedWindow): ThresholdResult[] {
  const { text, metric, series: name } = threshold;
  const meant = name === undefined ? window.series : window.series.filter((series) => series.name === name);
  // Of several kinds some may have had nothing to do (connections that were never lost): nobody means these.
  const tried = meant.filter(({ ok, fail, unknown }) => ok + fail + unknown > 0);
  const timed = tried.length === 0 ? meant : tried;
  const result = (series: string, actual: number) => ({ text, series, actual, isMet: isMet(threshold, actual) });
  // A threshold on something that was never measured is not met.
  if (meant.length === 0) return [result(name ?? 'all', Number.NaN)];
  switch (metric.kind) {
    case 'percentile':
      return timed.map((series) => result(series.name, series.latency.percentile(metric.percent) / NS_PER_MS));
    case 'latency':
      return timed.map((series) => result(series.name, series.latency.figures()[`${metric.which}Ms`]));
    case 'rate':
      return [result(name ?? 'all', (sum(meant, 'ok') * 1000) / window.durationMs)];
    case 'count':
      return [result(name ?? 'all', countOf(metric.which, meant, window))];
    case 'percent':
      return [result(name ?? 'all', percentOf(metric.which, meant, window))];
    default:
      return metric satisfies never;
  }
}

function countOf(which: CountedOutcome, series: readonly Series[], window: CountedWindow): number {
  return which === 'late' || which === 'dropped' ? window[which] : sum(series, which);
}

function percentOf(which: CountedOutcome, series: readonly Series[], window: CountedWindow): number {
  const all =
    which === 'late' || which === 'dropped'
      ? window.sent + window.dropped
      : sum(series, 'ok') + sum(series, 'fail') + sum(series, 'unknown');
  return (countOf(which, series, window) * 100) / all;
}

function sum(series: readonly Series[], which: 'ok' | 'fail' | 'unknown'): number {
  return series.reduce((total, one) => total + one[which], 0);
}

function isMet({ is, limit }: Threshold, actual: number): boolean {
  switch (is) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
    default:
      return is satisfies never;
  }
}
