import type { LatencyFigures } from '../stats/index.ts';
import { generatorVerdict } from './generator-verdict.ts';
import type { MeasuredLoad } from './load-recording.ts';
import type { GeneratorReport, LoadReport } from './load-report.ts';
import type { MeasureLoadOptions } from './measure-load.ts';
import { planFindings } from './plan-findings.ts';
import type { Series } from './series.ts';
import type { ThresholdResult } from './threshold.ts';
import { checkThreshold } from './threshold-check.ts';

type Circumstances = Pick<LoadReport, 'ending' | 'members'> & { readonly generator: Omit<GeneratorReport, 'verdict'> };

/** A rate that was reached to this share was held. */
const HELD = 0.99;
const NEARLY_FULL = 0.8;

/** Everything that is to be said of a load that is over. */
export function buildLoadReport(
  options: Pick<MeasureLoadOptions, 'command' | 'run' | 'plan' | 'endpoints' | 'findings' | 'thresholds' | 'moreWith'>,
  measured: MeasuredLoad,
  { ending, generator, members }: Circumstances,
): LoadReport {
  const { command, run, plan, endpoints, findings } = options;
  const { startedAt, durationMs, sendingMs, totals } = measured;
  const { series, errors, sent, late, dropped, counters } = totals;
  const lateness = plan.pace.kind === 'open' ? totals.lateness.figures() : undefined;
  const p99Ms = series.reduce(
    (most, { latency }) => (latency.count === 0 ? most : Math.max(most, latency.percentile(99) / 1e6)),
    Number.NEGATIVE_INFINITY,
  );
  const isFull = isInFlightFull(options, measured);
  const grounds = {
    plan,
    generator,
    sent,
    late,
    dropped,
    lateness,
    isInFlightFull: isFull,
    p99Ms,
    moreWith: options.moreWith,
  };
  return {
    command,
    runFolder: run.dir,
    startedAt: startedAt.toISOString(),
    durationMs: rounded(durationMs),
    drainMs: rounded(durationMs - sendingMs),
    ending,
    plan,
    endpoints,
    series: series.map((one) => seriesReport(one, durationMs)),
    errors,
    sent,
    late,
    dropped,
    lateness,
    missedRate: missedRate(options, measured, isFull),
    counters,
    generator: { ...generator, verdict: generatorVerdict(grounds) },
    members,
    findings: [...findings, ...planFindings(plan)],
    thresholds: thresholdResults(options, measured),
  };
}

function seriesReport({ name, ok, fail, unknown, latency }: Series, durationMs: number): LoadReport['series'][number] {
  return {
    name,
    ok,
    fail,
    unknown,
    perSec: rounded((ok * 1000) / durationMs),
    latency: latency.figures(),
    histogram: latency.toJSON(),
  };
}

function missedRate(
  { plan: { pace } }: Pick<MeasureLoadOptions, 'plan'>,
  { sendingMs, totals }: MeasuredLoad,
  isFull: boolean,
): LoadReport['missedRate'] {
  if (pace.kind === 'closed') return undefined;
  const reachedPerSec = (totals.sent * 1000) / sendingMs;
  // Of a few requests the last one may be due at the very end of the window, or not any more.
  const isHeld = reachedPerSec >= pace.ratePerSec * HELD || totals.sent + 1 >= (pace.ratePerSec * sendingMs) / 1000;
  if (isHeld) return undefined;
  return { askedPerSec: pace.ratePerSec, reachedPerSec: rounded(reachedPerSec), isInFlightFull: isFull };
}

/**
 * Whether requests had to wait for room: as many as allowed were without an answer at the end of some interval, or
 * nearly as many on average (by Little's law: the time from send to answer, summed over all, for each ms of the load).
 */
function isInFlightFull(
  { plan }: Pick<MeasureLoadOptions, 'plan'>,
  { totals, durationMs, mostInFlight }: MeasuredLoad,
): boolean {
  if (plan.pace.kind === 'closed') return false;
  const sum = ({ count, meanMs }: LatencyFigures) => (count === 0 ? 0 : count * meanMs);
  const answeredMs = totals.series.reduce((all, { latency }) => all + sum(latency.figures()), 0);
  const meanInFlight = (answeredMs - sum(totals.lateness.figures())) / durationMs;
  return mostInFlight >= plan.maxInFlight || meanInFlight >= plan.maxInFlight * NEARLY_FULL;
}

/** All thresholds over the whole window; and the one that ended it as it was in its interval. */
function thresholdResults(
  { thresholds }: Pick<MeasureLoadOptions, 'thresholds'>,
  { totals, durationMs, missed }: MeasuredLoad,
): ThresholdResult[] {
  const { series, sent, late, dropped } = totals;
  return thresholds.flatMap((threshold) => {
    const results = checkThreshold(threshold, { series, sent, late, dropped, durationMs });
    if (missed === undefined || threshold.text !== missed.text) return results;
    return results.map((result) => (result.series === missed.series ? missed : result));
  });
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
