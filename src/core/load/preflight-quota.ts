import { type ClusterAccess, type ClusterSurvey, scrapeMember } from '../etcd/index.ts';
import type { Finding } from './preflight-finding.ts';

/** Above this share of the quota a database counts as nearly full. */
const NEARLY_FULL = 0.8;

/**
 * What a write takes in the database beyond its key and value: revision, version and the like, and pages that are not
 * full. Measured with etcd 3.5 and 3.6, keys of 14 bytes, one after the other: 78 bytes for a value of 8, 376 for 256,
 * 1379 for 1024, 10262 for 10000.
 */
const BYTES_PER_WRITE = 30;
const BYTES_PER_BYTE = 1.3;

/**
 * Whether the members' databases have room for what will be written. etcd compares the whole file, free pages included,
 * with the quota; what is written fills free pages first. Members that keep their metrics to themselves are passed over.
 */
export async function quotaFindings(
  access: ClusterAccess,
  { members }: ClusterSurvey,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly expectedWrites?: number | undefined;
    readonly expectedWriteBytes?: number | undefined;
  },
): Promise<Finding[]> {
  const { expectedWrites = 0, expectedWriteBytes = 0 } = options;
  const growthBytes = expectedWrites * BYTES_PER_WRITE + expectedWriteBytes * BYTES_PER_BYTE;
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
        growthBytes,
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
  readonly growthBytes: number;
}): Finding[] {
  const { name, quotaBytes, dbSizeBytes, dbSizeInUseBytes, growthBytes } = member;
  const share = dbSizeBytes / quotaBytes;
  const freeBytes = Math.max(0, dbSizeBytes - dbSizeInUseBytes);
  const taken = `${name}: ${megabytes(dbSizeBytes)} of its quota of ${megabytes(quotaBytes)} are taken (${(share * 100).toFixed(0)} %)`;
  const after = Math.max(dbSizeBytes, dbSizeBytes + growthBytes - freeBytes);
  if (after >= quotaBytes)
    return [
      {
        kind: 'quota',
        message: `${taken}, and the load will take about ${megabytes(growthBytes)}: etcd will refuse writes on the way`,
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
