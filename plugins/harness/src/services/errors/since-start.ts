import { OperationError } from '@etcdperf/core/errors';
import { type ClusterAccess, scrapeMember } from '@etcdperf/core/etcd';
import type { SinceStart } from './errors-report.ts';

/** The counters of one member's /metrics. One that doesn't answer has its reason instead. */
export async function sinceStart(
  access: ClusterAccess,
  endpoint: string,
  signal: AbortSignal | undefined,
): Promise<SinceStart> {
  try {
    const metrics = await scrapeMember(access, endpoint, { signal });
    const started = metrics.value('process_start_time_seconds');
    const counters = {
      slowApplies: metrics.value('etcd_server_slow_apply_total'),
      slowReads: metrics.value('etcd_server_slow_read_indexes_total'),
      leaderChanges: metrics.value('etcd_server_leader_changes_seen_total'),
      lateHeartbeats: metrics.value('etcd_server_heartbeat_send_failures_total'),
      failedProposals: metrics.value('etcd_server_proposals_failed_total'),
      peerSendFailures: metrics.value('etcd_network_peer_sent_failures_total'),
    };
    return {
      ...(started !== undefined && { startedAt: new Date(started * 1000).toISOString() }),
      ...Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== undefined)),
    };
  } catch (error) {
    if (error instanceof OperationError) return { failure: error.message };
    throw error;
  }
}
