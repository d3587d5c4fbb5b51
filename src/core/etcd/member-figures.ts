import type { MemberMetrics } from './member-metrics.ts';
import { bucketQuantile, bucketsBetween } from './prometheus-histogram.ts';

/** What a member's /metrics tell of how it is doing. A figure is undefined where the member doesn't tell. */
export interface MemberFigures {
  /** What latencies, CPU and counts are about: all since the process began, or the time since an earlier look. */
  readonly since: 'start' | 'last look';
  /** From histograms' buckets, so no finer than these; undefined also where nothing was written. */
  readonly fsyncP99Ms: number | undefined;
  readonly commitP99Ms: number | undefined;
  /** Of one core, on average. */
  readonly cpuPercent: number | undefined;
  /** Resident. MB are 10^6 bytes. */
  readonly memoryMb: number | undefined;
  readonly openFiles: number | undefined;
  readonly maxFiles: number | undefined;
  /** When the process began, ISO 8601. */
  readonly startedAt: string | undefined;
  readonly leaderChanges: number | undefined;
  readonly slowApplies: number | undefined;
  readonly failedProposals: number | undefined;
  /** Requests that were answered, per second; only since a last look. */
  readonly requestsPerSec: number | undefined;
}

/**
 * @param before an earlier look at the same member; left out of account where it was restarted since
 * @param nowMs the wall clock
 */
export function memberFigures(now: MemberMetrics, before?: MemberMetrics, nowMs = Date.now()): MemberFigures {
  const startSeconds = now.value('process_start_time_seconds');
  const earlier = before?.value('process_start_time_seconds') === startSeconds ? before : undefined;
  const seconds =
    earlier === undefined
      ? startSeconds === undefined
        ? undefined
        : nowMs / 1000 - startSeconds
      : (now.takenAt - earlier.takenAt) / 1000;
  const since = (metric: string) => {
    const value = now.value(metric);
    return value === undefined ? undefined : value - (earlier?.value(metric) ?? 0);
  };
  const p99Ms = (metric: string) => {
    const buckets = now.buckets(metric);
    const value = buckets && bucketQuantile(bucketsBetween(earlier?.buckets(metric), buckets), 0.99);
    return value === undefined ? undefined : value * 1000;
  };
  const perSec = (count: number | undefined) =>
    count === undefined || seconds === undefined || seconds <= 0 ? undefined : count / seconds;
  const cpu = perSec(since('process_cpu_seconds_total'));
  const memory = now.value('process_resident_memory_bytes');
  return {
    since: earlier === undefined ? 'start' : 'last look',
    fsyncP99Ms: p99Ms('etcd_disk_wal_fsync_duration_seconds'),
    commitP99Ms: p99Ms('etcd_disk_backend_commit_duration_seconds'),
    cpuPercent: cpu === undefined ? undefined : cpu * 100,
    memoryMb: memory === undefined ? undefined : memory / 1e6,
    openFiles: now.value('process_open_fds'),
    maxFiles: now.value('process_max_fds'),
    startedAt: startSeconds === undefined ? undefined : new Date(startSeconds * 1000).toISOString(),
    leaderChanges: since('etcd_server_leader_changes_seen_total'),
    slowApplies: since('etcd_server_slow_apply_total'),
    failedProposals: since('etcd_server_proposals_failed_total'),
    requestsPerSec: earlier === undefined ? undefined : perSec(since('grpc_server_handled_total')),
  };
}
