import { formatSize } from '@etcdperf/core/stats';
import type { SnapshotProgress } from '../services/snapshot/receive-snapshot.ts';
import type { SnapshotReport } from '../services/snapshot/take-snapshot.ts';

export function renderSnapshot(report: SnapshotReport): string {
  const { path, file, member, etcdVersion, revision, compactRevision, versions, keys, hashKv, durationMs } = report;
  const compacted = compactRevision === 0 ? '' : `, compacted at ${compactRevision}`;
  return [
    `${path}: ${formatSize(file.bytes)} (${file.bytes} bytes) in ${(durationMs / 1000).toFixed(1)} s, checksum verified`,
    `from ${member.name} (${member.endpoint}), etcd ${etcdVersion}, cluster ${report.clusterId}`,
    `revision ${revision}${compacted}: ${keys === undefined ? '' : `${keys} keys, `}${versions} versions`,
    `sha256 ${file.sha256}${hashKv === undefined ? '' : `, HashKV ${hashKv}`}`,
    ...report.notes.map((note) => `note: ${note}`),
  ].join('\n');
}

/** Tenths of the whole: enough to see that it moves, and few lines where each stays. */
export function snapshotStep({ bytes, totalBytes }: SnapshotProgress): string {
  const tenths = totalBytes === 0 ? 0 : Math.min(10, Math.floor((bytes / totalBytes) * 10));
  return `receiving: ${tenths * 10} % of ${formatSize(totalBytes)}`;
}
