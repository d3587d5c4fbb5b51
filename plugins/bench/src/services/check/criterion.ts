import type { LoadReport } from '@etcdperf/core/load';

/** One thing that was looked at, and what came of it. */
export interface Criterion {
  readonly name: string;
  readonly isMet: boolean;
  /** What is so, and what the limit is: half a sentence. */
  readonly text: string;
}

/** How a check went. */
export interface CheckVerdict {
  readonly criteria: readonly Criterion[];
  /** `none`: the load did not come to its end. */
  readonly verdict: 'pass' | 'fail' | 'none';
}

export function judge({ ending }: Pick<LoadReport, 'ending'>, criteria: readonly Criterion[]): CheckVerdict {
  if (ending.kind !== 'complete') return { criteria, verdict: 'none' };
  return { criteria, verdict: criteria.every(({ isMet }) => isMet) ? 'pass' : 'fail' };
}

/** Everything has to be answered well. */
export function noFailures({ series, dropped }: Pick<LoadReport, 'series' | 'dropped'>): Criterion {
  const sum = (which: 'fail' | 'unknown') => series.reduce((all, one) => all + one[which], 0);
  const [fail, unknown] = [sum('fail'), sum('unknown')];
  const isMet = fail + unknown + dropped === 0;
  const text = isMet ? 'no write failed' : `${fail} writes failed, ${unknown} are unknown, ${dropped} were never sent`;
  return { name: 'errors', isMet, text };
}
