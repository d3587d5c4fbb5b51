import { formatMs } from '../stats/index.ts';
import type { IntervalSample } from './interval-sample.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadTotals } from './load-totals.ts';

/** One interval in one line, for whoever watches a run: how far it is, and how it goes. */
export function intervalLine(sample: IntervalSample, plan: LoadPlan, totals: LoadTotals): string {
  const { inFlight, late, dropped } = sample;
  const several = sample.series.length > 1;
  const series = sample.series.map(({ name, perSec, latency }) => {
    const rate = `${Math.round(perSec)}/s`;
    const figures =
      latency.count === 0
        ? 'no answers'
        : `p50 ${formatMs(latency.p50Ms)}, p99 ${formatMs(latency.p99Ms)}, max ${formatMs(latency.maxMs)}`;
    return `${several ? `${name} ` : ''}${rate}, ${figures}`;
  });
  const fail = sample.series.reduce((sum, one) => sum + one.fail, 0);
  const unknown = sample.series.reduce((sum, one) => sum + one.unknown, 0);
  const counts = [
    fail > 0 && `${fail} fail`,
    unknown > 0 && `${unknown} unknown`,
    `${inFlight} in flight`,
    late > 0 && `${late} late`,
    dropped > 0 && `${dropped} dropped`,
  ].filter((part) => part !== false);
  return `${howFar(sample, plan, totals)}: ${series.join('; ')}; ${counts.join(', ')}`;
}

function howFar({ toMs }: IntervalSample, { end }: LoadPlan, { sent }: LoadTotals): string {
  switch (end.kind) {
    case 'duration':
      return `${Number((toMs / 1000).toFixed(1))} of ${end.ms / 1000} s`;
    case 'total':
      return `${sent} of ${end.requests}`;
    case 'open':
      return `${Number((toMs / 1000).toFixed(1))} s`;
    default:
      return end satisfies never;
  }
}
