import { type ClusterAccess, type ClusterSurvey, scrapeMember } from '../etcd/index.ts';
import type { Finding } from './preflight-finding.ts';

/** Above this share of the quota a database counts as nearly full. */
const NEARLY_FULL = 0.8;

/**
 * Whether the members' databases have room for what will be written. etcd compares the whole file, free pages included,
 * with the quota; what is written fills free pages first. Members that keep their metrics to themselves are passed over.
 */
export async function quotaFindings(
  access: ClusterAccess,
  { members }: ClusterSurvey,
  options: { readonly signal?: AbortSignal | undefined; readonly expectedWriteBytes?: number | undefined },
): Promise<Finding[]> {
  const findings = await Promise.all(
    members.map(async ({ name, endpoint, status }) => {
      if (status.kind === 'down') return [];
      const metrics = await scrapeMember(access, endpoint, { signal: options.signal }).catch(() => undefined);
      options.signal?.throwIfAborted();
      const quotaBytes = metrics?.value('etcd_server_quota_backend_bytes');
      // A negative quota is none.
      if (quotaBytes === undefined || quotaBytes <= 0) return [];
      const { dbSizeBytes, dbSizeInUseBytes } = status;
      return judgeQuota({
        name,
        quotaBytes,
        dbSizeBytes,
        dbSizeInUseBytes,
        writeBytes: options.expectedWriteBytes ?? 0,
      });
    }),
  );
  return findings.flat();
}

function judgeQuota(member: {
  readonly name: string;
  readonly quotaBytes: number;
  readonly dbSizeBytes: number;
  readonly dbSizeInUseBytes: number;
  readonly writeBytes: number;
}): Finding[] {
  const { name, quotaBytes, dbSizeBytes, dbSizeInUseBytes, writeBytes } = member;
  const share = dbSizeBytes / quotaBytes;
  const freeBytes = Math.max(0, dbSizeBytes - dbSizeInUseBytes);
  const taken = `${name}: ${megabytes(dbSizeBytes)} of its quota of ${megabytes(quotaBytes)} are taken (${(share * 100).toFixed(0)} %)`;
  const after = Math.max(dbSizeBytes, dbSizeBytes + writeBytes - freeBytes);
  if (after >= quotaBytes)
    return [
      {
        kind: 'quota',
        message: `${taken}, and the load writes ${megabytes(writeBytes)} at least: etcd will refuse writes on the way`,
        hint: 'write less, compact and defragment first, or start etcd with a larger --quota-backend-bytes',
      },
    ];
  if (share < NEARLY_FULL) return [];
  return [
    {
      kind: 'quota',
      message: `${taken}: when it is full etcd refuses writes`,
      hint: 'compact and defragment first, or start etcd with a larger --quota-backend-bytes',
    },
  ];
}

function megabytes(bytes: number): string {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}
