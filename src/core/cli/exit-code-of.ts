import type { LoadReport } from '../load/index.ts';

/** What a command ends with that made load: 0, or 130 interrupted, 1 stopped or nothing succeeded, 3 threshold missed. */
export function exitCodeOf({ ending, series, thresholds }: LoadReport): 0 | 1 | 3 | 130 {
  if (ending.kind === 'interrupted') return 130;
  if (ending.kind === 'stopped' || !series.some(({ ok }) => ok > 0)) return 1;
  return ending.kind === 'aborted' || thresholds.some(({ isMet }) => !isMet) ? 3 : 0;
}
