import type { LoadOutlook } from '../services/load/plan-load.ts';

/** What a load would change. */
export function renderOutlook(outlook: LoadOutlook): string {
  const { file, endpoints, missing, different, same, others, puts, leases, isRefused, mode, revision } = outlook;
  const leaseLines = [
    leases.renewed > 0 && `${leases.renewed} leases would be granted again`,
    leases.gone > 0 && `${leases.gone} leases were gone when they were dumped: their keys would be put without`,
  ].filter((line) => line !== false);
  return [
    `${file} into ${endpoints.join(', ')}, as it is at revision ${revision}`,
    `${missing} keys of the dump are missing there, ${different} have another value, ${same} are the same`,
    ...(others > 0 ? [`${others} keys there are not in the dump; they would not be touched`] : []),
    isRefused
      ? 'nothing would be put: there are keys already, and neither --overwrite nor --only-missing is given'
      : `${puts} keys would be put${mode === 'overwrite' && same > 0 ? ', the same ones once more' : ''}`,
    ...(isRefused ? [] : leaseLines),
  ].join('\n');
}
