import type { MemberMetrics } from './member-metrics.ts';
import { bucketQuantile, bucketsBetween, type CumulativeBuckets } from './prometheus-histogram.ts';

/** What a member did between two moments, from its /metrics. A figure is undefined where the member didn't tell. */
export interface MemberWindow {
  readonly name: string;
  readonly endpoint: string;
  readonly version: string | undefined;
  /** At the end. */
  readonly isLeader: boolean | undefined;
  /** Of one core. */
  readonly cpuPercent: number | undefined;
  /** Resident, at the end. MB are 10^6 bytes. */
  readonly memoryMb: number | undefined;
  readonly memoryGrowthMb: number | undefined;
  /** The database file, free pages included, at the end. */
  readonly dbSizeMb: number | undefined;
  readonly dbGrowthMb: number | undefined;
  /** From histograms' buckets over the window, so no finer than these. */
  readonly fsyncP50Ms: number | undefined;
  readonly fsyncP99Ms: number | undefined;
  readonly commitP50Ms: number | undefined;
  readonly commitP99Ms: number | undefined;
  readonly leaderChanges: number | undefined;
  readonly slowApplies: number | undefined;
  readonly failedProposals: number | undefined;
  /** Why there are no figures, or what they leave out. */
  readonly problem: string | undefined;
}

/** One attempt to read a member's /metrics. */
export type MemberReading =
  | { readonly kind: 'read'; readonly metrics: MemberMetrics }
  | { readonly kind: 'failed'; readonly problem: string };

const FSYNC = 'etcd_disk_wal_fsync_duration_seconds';
const COMMIT = 'etcd_disk_backend_commit_duration_seconds';
const DB_SIZE = 'etcd_mvcc_db_total_size_in_bytes';
const MEMORY = 'process_resident_memory_bytes';

/** Puts two readings of a member together. */
export function memberWindow(window: {
  readonly name: string;
  readonly endpoint: string;
  readonly before: MemberReading | undefined;
  readonly after: MemberReading;
}): MemberWindow {
  const { name, endpoint, after } = window;
  const end = after.kind === 'read' ? after.metrics : undefined;
  const begin = window.before?.kind === 'read' ? window.before.metrics : undefined;
  const isRestarted = begin !== undefined && end !== undefined && startTime(begin) !== startTime(end);
  // Counters of a process that began in between count from 0, and its memory has nothing to do with that before.
  const counted = isRestarted ? undefined : begin;
  const isCounted = end !== undefined && begin !== undefined;
  const since = (metric: string) =>
    isCounted ? difference(end.value(metric), counted?.value(metric) ?? 0) : undefined;
  const growth = (metric: string, from: MemberMetrics | undefined) =>
    megabytes(difference(end?.value(metric), from?.value(metric)));
  const observed = (metric: string) => {
    const buckets = isCounted ? end.buckets(metric) : undefined;
    return buckets === undefined ? undefined : bucketsBetween(counted?.buckets(metric), buckets);
  };
  const fsyncs = observed(FSYNC);
  const commits = observed(COMMIT);
  return {
    name,
    endpoint,
    version: (end ?? begin)?.label('etcd_server_version', 'server_version'),
    isLeader: asBoolean(end?.value('etcd_server_is_leader')),
    cpuPercent: cpuPercent(begin, end, isRestarted),
    memoryMb: megabytes(end?.value(MEMORY)),
    memoryGrowthMb: growth(MEMORY, counted),
    dbSizeMb: megabytes(end?.value(DB_SIZE)),
    dbGrowthMb: growth(DB_SIZE, begin),
    fsyncP50Ms: quantileMs(fsyncs, 0.5),
    fsyncP99Ms: quantileMs(fsyncs, 0.99),
    commitP50Ms: quantileMs(commits, 0.5),
    commitP99Ms: quantileMs(commits, 0.99),
    leaderChanges: since('etcd_server_leader_changes_seen_total'),
    slowApplies: since('etcd_server_slow_apply_total'),
    failedProposals: since('etcd_server_proposals_failed_total'),
    problem: problemOf(window.before, after, isRestarted),
  };
}

function quantileMs(buckets: CumulativeBuckets | undefined, quantile: number): number | undefined {
  const seconds = buckets === undefined ? undefined : bucketQuantile(buckets, quantile);
  return seconds === undefined ? undefined : seconds * 1000;
}

function problemOf(before: MemberReading | undefined, after: MemberReading, isRestarted: boolean): string | undefined {
  if (after.kind === 'failed') return after.problem;
  if (before === undefined) return 'it was not looked at before';
  if (before.kind === 'failed') return `at the start: ${before.problem}`;
  return isRestarted ? 'it was restarted meanwhile: counted since then' : undefined;
}

function cpuPercent(begin: MemberMetrics | undefined, end: MemberMetrics | undefined, isRestarted: boolean) {
  const used = end?.value('process_cpu_seconds_total');
  if (begin === undefined || end === undefined || used === undefined) return undefined;
  if (!isRestarted) {
    const seconds = difference(used, begin.value('process_cpu_seconds_total'));
    const passedMs = end.takenAt - begin.takenAt;
    return seconds === undefined || passedMs <= 0 ? undefined : (seconds * 1e5) / passedMs;
  }
  return undefined;
}

function startTime(metrics: MemberMetrics): number | undefined {
  return metrics.value('process_start_time_seconds');
}

function difference(to: number | undefined, from: number | undefined): number | undefined {
  return to === undefined || from === undefined ? undefined : to - from;
}

function megabytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1e6;
}

function asBoolean(value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 1;
}
