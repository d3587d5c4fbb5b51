import type { LoadReport } from '@etcdperf/core/load';

/** How often transactions were in each other's way. */
export function renderStm({ counters, series }: Pick<LoadReport, 'counters' | 'series'>): string {
  const done = series.reduce((all, { ok }) => all + ok, 0);
  const { attempts = 0, conflicts = 0, retriedTxns = 0, keysRead = 0, keysWritten = 0 } = counters;
  if (done === 0) return '';
  const perTxn = (count: number) => Number((count / done).toFixed(2));
  return [
    `conflicts: ${conflicts} in ${attempts} attempts (${Number(((100 * conflicts) / Math.max(attempts, 1)).toFixed(1))} %); ` +
      `${retriedTxns} of ${done} transactions were tried again`,
    `keys read: ${keysRead} (${perTxn(keysRead)} per transaction, all attempts together), written: ${keysWritten} (${perTxn(keysWritten)})`,
  ].join('\n');
}
