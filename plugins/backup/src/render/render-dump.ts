import { formatSize } from '@etcdperf/core/stats';
import type { DumpReport } from '../services/dump/dump-report.ts';

/** What is in the dump, at which revision, and what is to be known of it. */
export function renderDump(report: DumpReport): string {
  const { output, keys, bytes, file, durationMs, revision, total, prefixes, leases, restarts } = report;
  const name = output === '-' ? 'standard output' : output;
  const seconds = (durationMs / 1000).toFixed(1);
  const packed = file.bytes === bytes ? '' : `, ${formatSize(file.bytes)} compressed`;
  const below = prefixes.some((prefix) => prefix === '') ? '' : ` below ${prefixes.join(', ')}`;
  const isSome = report.filters.length > 0 || report.sinceRevision !== undefined;
  return [
    `${report.complete ? '' : 'NOT complete: '}${name}: ${keys} keys, ${formatSize(bytes)}${packed}, in ${seconds} s`,
    `at revision ${revision} of cluster ${report.clusterId}${below}`,
    ...(report.reason === undefined ? [] : [`${report.reason} (${keys} of ${total})`]),
    ...(total === 0 ? [`there are no keys${below}`] : []),
    ...(isSome && total > 0 ? [`of ${total} keys that were looked at`] : []),
    ...(leases.gone === 0 ? [] : [`${leases.gone} of ${leases.asked} leases were gone when they were asked`]),
    ...(restarts === 0 ? [] : [`begun again ${restarts === 1 ? 'once' : `${restarts} times`} after compactions`]),
    ...(output === '-' ? [] : [`sha256 ${file.sha256}, manifest beside it`]),
  ].join('\n');
}
