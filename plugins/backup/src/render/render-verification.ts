import { formatSize } from '@etcdperf/core/stats';
import type { DumpVerification } from '../services/verify/dump-verification.ts';
import type { FileVerification } from '../services/verify/verify-file.ts';

/** What a file is and holds, line by line; whether it is whole comes last. */
export function renderVerification(report: FileVerification): string {
  const { verdict } = report;
  const lines = report.kind === 'dump' ? dumpLines(report) : snapshotLines(report);
  return [...lines, ...verdictLines(verdict)].join('\n');
}

function verdictLines(verdict: FileVerification['verdict']): string[] {
  switch (verdict.kind) {
    case 'whole':
      return ['whole: all of it is as it was written'];
    case 'incomplete':
      return [`not complete, though as it was written: ${verdict.reason}`];
    case 'unproven':
      return [`nobody can tell whether it is whole: ${verdict.reason}`];
    case 'damaged':
      return [`NOT whole: ${verdict.reason}`, ...('where' in verdict ? [`  at ${verdict.where}`] : [])];
    default:
      return verdict satisfies never;
  }
}

const FORMATS = { csv: 'CSV', jsonl: 'JSON lines' } as const;

function dumpLines({ file, layout, compression, bytes, sha256, contentBytes, ...dump }: DumpVerification): string[] {
  const { keys, keyBytes, valueBytes, origin } = dump;
  const packed = compression === 'none' ? '' : `, ${compression} of ${formatSize(contentBytes)}`;
  const values = valueBytes === undefined ? '' : `, ${formatSize(valueBytes)} of values`;
  const lines = [
    `${file}: dump, ${FORMATS[layout.format]}, ${formatSize(bytes)} (${bytes} bytes)${packed}`,
    `${keys} ${keys === 1 ? 'key' : 'keys'}: ${formatSize(keyBytes)} of keys${values}`,
    `columns ${layout.columns.join(', ')}`,
  ];
  if (sha256 !== undefined) lines.push(`sha256 ${sha256}`);
  if (origin === undefined) return lines;
  const { revision, sinceRevision, clusterId, prefixes, filters, startedAt, endedAt } = origin;
  const since = sinceRevision === undefined ? '' : `, what changed after ${sinceRevision}`;
  lines.push(
    `cluster ${clusterId} at revision ${revision}${since}, ${startedAt} to ${endedAt}`,
    `prefixes: ${prefixes.map(({ text }) => (text === '' ? 'all' : text)).join(', ')}`,
  );
  if (filters.length > 0) lines.push(`only keys with ${filters.join(' and ')}`);
  return lines;
}

function snapshotLines(snapshot: Extract<FileVerification, { kind: 'snapshot' }>): string[] {
  const { file, bytes, sha256, database, manifest } = snapshot;
  const lines = [`${file}: snapshot, ${formatSize(bytes)} (${bytes} bytes)`, `sha256 ${sha256}`];
  if (database !== undefined) {
    const { revision, compactRevision, versions, series } = database;
    const compacted = compactRevision === 0 ? '' : `, compacted at ${compactRevision}`;
    const etcd = series === undefined ? '' : `, of etcd ${series}`;
    lines.push(`revision ${revision}${compacted}: ${versions} versions of keys${etcd}`);
  }
  if (manifest !== undefined) {
    const { clusterId, member, startedAt, keys } = manifest;
    const counted = keys === undefined ? '' : `, ${keys} keys`;
    lines.push(`cluster ${clusterId}, member ${member.name} (${member.endpoint}), ${startedAt}${counted}`);
  }
  return lines;
}

const STEP_BYTES = 100e6;

/** Rounded: few lines where each stays. */
export function verifyStep(bytes: number): string {
  const steps = Math.floor(bytes / STEP_BYTES);
  return steps === 0 ? 'reading' : `reading: ${formatSize(steps * STEP_BYTES)}`;
}
