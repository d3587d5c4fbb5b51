import { formatMs } from '../stats/index.ts';
import type { IntervalSample } from './interval-sample.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadTotals } from './load-totals.ts';

/** One interval in one line, for whoever watches a run: how far it is, and how it goes. */
export function intervalLine(sample: IntervalSample, plan: LoadPlan, totals: LoadTotals): string {
  const { inFlight, late, dropped } = sample;
  // Of many that go on at once those that do something are enough, and little of each.
  const shown = sample.series.length > 2 ? sample.series.filter(isActive) : sample.series;
  const isNamed = sample.series.length > 1;
  const series = shown.map(({ name, perSec, latency }) => {
    const rate = `${isNamed ? `${name} ` : ''}${Math.round(perSec)}/s`;
    if (latency.count === 0) return `${rate}, no answers`;
    const p99 = `p99 ${formatMs(latency.p99Ms)}`;
    return shown.length > 2
      ? `${rate} ${p99}`
      : `${rate}, p50 ${formatMs(latency.p50Ms)}, ${p99}, max ${formatMs(latency.maxMs)}`;
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
  const answers = series.length === 0 ? 'no answers' : series.join('; ');
  return `${howFar(sample, plan, totals)}: ${answers}; ${counts.join(', ')}`;
}

function isActive({ ok, fail, unknown }: IntervalSample['series'][number]): boolean {
  return ok + fail + unknown > 0;
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
