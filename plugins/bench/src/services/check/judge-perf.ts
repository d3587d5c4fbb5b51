import type { LoadReport } from '@etcdperf/core/load';
import { formatMs } from '@etcdperf/core/stats';
import { type CheckVerdict, type Criterion, judge, noFailures } from './criterion.ts';

export interface PerfLimits {
  /** Of the rate asked for, more than so much has to be reached. */
  readonly ratePercent: number;
  readonly slowestMs: number;
  readonly stddevMs: number;
}

/** What etcdctl passes a cluster with. */
export const ETCDCTL_LIMITS: PerfLimits = { ratePercent: 90, slowestMs: 500, stddevMs: 100 };

/** Whether puts at a rate went as they should. */
export function judgePerf(
  report: Pick<LoadReport, 'series' | 'ending' | 'dropped'>,
  ratePerSec: number,
  limits: PerfLimits,
): CheckVerdict {
  const [put] = report.series;
  if (put === undefined) return { criteria: [], verdict: 'none' };
  const leastPerSec = (ratePerSec * limits.ratePercent) / 100;
  const { maxMs, stddevMs } = put.latency;
  const atMost = (name: string, what: string, actualMs: number, limitMs: number): Criterion => ({
    name,
    // Without an answer there is no latency: that is no good one.
    isMet: actualMs <= limitMs,
    text: `${what} ${formatMs(actualMs)}, at most ${formatMs(limitMs)} are allowed`,
  });
  return judge(report, [
    noFailures(report),
    {
      name: 'throughput',
      isMet: put.perSec > leastPerSec,
      text: `throughput is ${rounded(put.perSec)} writes/s, more than ${rounded(leastPerSec)} are asked for`,
    },
    atMost('slowest', 'the slowest write took', maxMs, limits.slowestMs),
    atMost('stddev', 'the standard deviation is', stddevMs, limits.stddevMs),
  ]);
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
