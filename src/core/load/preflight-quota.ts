import { type ClusterAccess, type ClusterSurvey, type SurveyedMember, scrapeMember } from '../etcd/index.ts';
import { databaseGrowth } from '../workload/index.ts';
import type { Finding } from './preflight-finding.ts';

/** Above this share of the quota a database counts as nearly full. */
const NEARLY_FULL = 0.8;

/** A member's database, in bytes. */
interface Space {
  readonly name: string;
  readonly quota: number;
  readonly taken: number;
  /** Once the load is over. */
  readonly after: number;
}

/**
 * Whether the members' databases have room for what will be written; told of the tightest, since that one decides. etcd
 * compares the whole file, free pages included, with the quota; what is written fills free pages first. Members that
 * keep their metrics to themselves are passed over.
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
  const growth = databaseGrowth(expectedWrites, expectedWriteBytes);
  const spaces = await Promise.all(
    members.map((member) => readSpace(access, member, growth, options.signal).catch(() => undefined)),
  );
  options.signal?.throwIfAborted();
  const [tightest] = spaces
    .filter((space) => space !== undefined)
    .sort((a, b) => b.after / b.quota - a.after / a.quota || b.taken / b.quota - a.taken / a.quota);
  return tightest === undefined ? [] : judgeSpace(tightest, growth);
}

/** Undefined where there is no limit, or nobody tells it. Rejects where the metrics can't be read. */
async function readSpace(
  access: ClusterAccess,
  { name, endpoint, status }: SurveyedMember,
  growth: number,
  signal: AbortSignal | undefined,
): Promise<Space | undefined> {
  if (status.kind === 'down') return undefined;
  const metrics = await scrapeMember(access, endpoint, { signal });
  const quota = metrics.value('etcd_server_quota_backend_bytes');
  // A negative quota is none.
  if (quota === undefined || quota <= 0) return undefined;
  const { dbSizeBytes: taken, dbSizeInUseBytes: inUse } = status;
  return { name, quota, taken, after: Math.max(taken, inUse + growth) };
}

function judgeSpace({ name, quota, taken, after }: Space, growth: number): Finding[] {
  const share = taken / quota;
  const so = `${name} has taken ${megabytes(taken)} of its quota of ${megabytes(quota)} (${(share * 100).toFixed(0)} %)`;
  if (after >= quota && taken < quota)
    return [
      {
        kind: 'over-quota',
        message: `${so}, and the load will take about ${megabytes(growth)}: etcd will refuse writes on the way`,
        hint: 'write less, compact and defragment first, or start etcd with a larger --quota-backend-bytes',
      },
    ];
  if (share < NEARLY_FULL) return [];
  return [
    {
      kind: 'quota',
      message: `${so}: etcd refuses writes when it is full`,
      hint: 'compact and defragment first, or start etcd with a larger --quota-backend-bytes',
    },
  ];
}

function megabytes(bytes: number): string {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}
