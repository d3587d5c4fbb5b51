import type { CheckReport } from '../services/check/check-work.ts';

/** A line for each criterion, and the verdict as the last. */
export function renderCheck({ check }: Pick<CheckReport, 'check'>): string {
  if (check === undefined) return '';
  const { criteria, verdict } = check;
  const words = { pass: 'PASS', fail: 'FAIL', none: 'no verdict: the load did not come to its end' };
  return [...criteria.map(({ isMet, text }) => `${isMet ? 'PASS' : 'FAIL'}: ${text}`), words[verdict]].join('\n');
}
