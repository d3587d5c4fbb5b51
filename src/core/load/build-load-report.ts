import { generatorVerdict } from './generator-verdict.ts';
import type { MeasuredLoad } from './load-recording.ts';
import type { GeneratorReport, LoadReport } from './load-report.ts';
import { planFindings } from './plan-findings.ts';
import type { RunLoadOptions } from './run-load.ts';
import type { Series } from './series.ts';
import type { ThresholdResult } from './threshold.ts';
import { checkThreshold } from './threshold-check.ts';

type Circumstances = Pick<LoadReport, 'ending' | 'members'> & { readonly generator: Omit<GeneratorReport, 'verdict'> };

/** A rate that was reached to this share was held. */
const HELD = 0.99;

/** Everything that is to be said of a load that is over. */
export function buildLoadReport(
  options: Pick<RunLoadOptions, 'command' | 'run' | 'plan' | 'endpoints' | 'findings' | 'thresholds'>,
  measured: MeasuredLoad,
  { ending, generator, members }: Circumstances,
): LoadReport {
  const { command, run, plan, endpoints, findings } = options;
  const { startedAt, durationMs, sendingMs, totals, mostInFlight } = measured;
  const { series, errors, sent, late, dropped, counters } = totals;
  const lateness = plan.pace.kind === 'open' ? totals.lateness.figures() : undefined;
  const p99Ms = series.reduce(
    (most, { latency }) => (latency.count === 0 ? most : Math.max(most, latency.percentile(99) / 1e6)),
    Number.NEGATIVE_INFINITY,
  );
  const grounds = { plan, generator, sent, late, dropped, lateness, mostInFlight, p99Ms };
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
    missedRate: missedRate(options, measured),
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
  { plan: { pace } }: Pick<RunLoadOptions, 'plan'>,
  { sendingMs, totals }: MeasuredLoad,
): LoadReport['missedRate'] {
  if (pace.kind === 'closed') return undefined;
  const reachedPerSec = (totals.sent * 1000) / sendingMs;
  // Of a few requests the last one may be due at the very end of the window, or not any more.
  const isHeld = reachedPerSec >= pace.ratePerSec * HELD || totals.sent + 1 >= (pace.ratePerSec * sendingMs) / 1000;
  return isHeld ? undefined : { askedPerSec: pace.ratePerSec, reachedPerSec: rounded(reachedPerSec) };
}

/** All thresholds over the whole window; and the one that ended it as it was in its interval. */
function thresholdResults(
  { thresholds }: Pick<RunLoadOptions, 'thresholds'>,
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
