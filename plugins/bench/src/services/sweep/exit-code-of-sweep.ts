import type { SweepReport } from './sweep-report.ts';

/** 130 interrupted, else 1 if a cell (or cleaning up) failed, else 3 if one missed a threshold, else 0. */
export function exitCodeOfSweep({
  cells,
  ending,
  notCleaned,
}: Pick<SweepReport, 'cells' | 'ending' | 'notCleaned'>): 0 | 1 | 3 | 130 {
  if (ending === 'interrupted') return 130;
  if (notCleaned !== undefined || cells.some(({ status }) => status.kind === 'failed')) return 1;
  return cells.some(({ status }) => status.kind === 'missed') ? 3 : 0;
}
