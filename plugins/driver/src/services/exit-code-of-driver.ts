import type { DriverReport } from './driver-report.ts';

/**
 * What the process ends with: 0; 130 interrupted; 1 stopped, nothing succeeded, etcd broke a promise, or results could
 * not be written; 3 a threshold was missed.
 */
export function exitCodeOfDriver(report: DriverReport): 0 | 1 | 3 | 130 {
  const { ending, ramp, steady, verification, csv, unwritten } = report;
  if (ending.kind === 'interrupted') return 130;
  if (ending.kind === 'stopped' || ending.kind === 'superseded') return 1;
  if (verification?.verdict === 'faulty' || csv?.problem !== undefined || unwritten !== undefined) return 1;
  const series = [ramp, steady].flatMap((load) => load?.series ?? []);
  // Watchers alone may see nothing, and that is no failure; requests of which none succeeded are.
  const isTried = series.some(({ fail, unknown }) => fail + unknown > 0);
  if (isTried && !series.some(({ ok }) => ok > 0)) return 1;
  const thresholds = [ramp, steady].flatMap((load) => load?.thresholds ?? []);
  return ending.kind === 'aborted' || thresholds.some(({ isMet }) => !isMet) ? 3 : 0;
}
