import type { EndpointStatus } from './member-status.ts';

export interface EndpointHealth {
  readonly endpoint: string;
  readonly healthy: boolean;
  /** Why it isn't. */
  readonly reason: string | undefined;
  readonly status: EndpointStatus;
}

export interface ClusterHealth {
  /** Every endpoint is healthy, all follow one leader, no alarm is raised. */
  readonly healthy: boolean;
  readonly endpoints: readonly EndpointHealth[];
  /** The member id of the leader that the endpoints agree on. */
  readonly leader: string | undefined;
  readonly alarms: readonly { readonly memberId: string; readonly alarm: string }[];
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Puts together what was asked of each endpoint: its status, and the failure of a linearizable read (undefined where
 * it went well), both in the same order.
 */
export function judgeHealth(
  statuses: readonly EndpointStatus[],
  reads: readonly (string | undefined)[],
  alarms: ClusterHealth['alarms'],
): ClusterHealth {
  const endpoints = statuses.map((status, index): EndpointHealth => {
    const reason = unhealthyBecause(status, reads[index]);
    return { endpoint: status.endpoint, healthy: reason === undefined, reason, status };
  });
  const up = statuses.filter((status) => status.kind === 'up');
  const leaders = new Set(up.map((status) => status.leader).filter((leader) => leader !== undefined));
  const clusters = new Set(up.map((status) => status.clusterId));
  const problems = [
    ...endpoints.filter((one) => !one.healthy).map((one) => `${one.endpoint}: ${one.reason}`),
    ...(leaders.size > 1 ? [`the members follow ${leaders.size} different leaders`] : []),
    ...(clusters.size > 1 ? [`the endpoints belong to ${clusters.size} different clusters`] : []),
    ...alarms.map((alarm) => `alarm ${alarm.alarm} of member ${alarm.memberId}`),
  ];
  return {
    healthy: problems.length === 0 && leaders.size === 1,
    endpoints,
    leader: leaders.size === 1 ? [...leaders][0] : undefined,
    alarms,
    problems,
  };
}

function unhealthyBecause(status: EndpointStatus, read: string | undefined): string | undefined {
  if (status.kind === 'down') return status.error;
  if (status.leader === undefined) return 'it has no leader';
  return read === undefined ? undefined : `a read through raft failed: ${read}`;
}
