import { type ClusterHealth, openCluster, waitHealthy } from '@etcdperf/core/etcd';
import type { KubernetesCluster } from '../find-cluster.ts';
import { openMembers } from '../members/cluster-members.ts';

/**
 * Waits until etcd itself says that all is well, asked through forwarded ports. Resolves to the leader's name. Throws
 * OperationError at the limit.
 */
export async function clusterHealth(
  found: KubernetesCluster,
  choices: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly onStep?: ((text: string) => void) | undefined;
  },
): Promise<string | undefined> {
  await using cluster = await openMembers(found, { signal: choices.signal });
  const client = openCluster(cluster.access);
  try {
    const health = await waitHealthy(client, choices);
    return leaderName(health, cluster.members);
  } finally {
    client.close();
  }
}

function leaderName(
  { endpoints, leader }: ClusterHealth,
  members: readonly { readonly name: string; readonly clientUrl: string }[],
): string | undefined {
  const leads = endpoints.find(({ status }) => status.kind === 'up' && status.memberId === leader)?.endpoint;
  return members.find(({ clientUrl }) => clientUrl === leads)?.name;
}
