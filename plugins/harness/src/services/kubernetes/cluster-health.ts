import { type ClusterHealth, type KubernetesCluster, waitHealthy } from '@etcdperf/core/etcd';
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
  return leaderName(await waitHealthy(cluster.access, choices), cluster.members);
}

function leaderName(
  { endpoints, leader }: ClusterHealth,
  members: readonly { readonly name: string; readonly clientUrl: string }[],
): string | undefined {
  const leads = endpoints.find(({ status }) => status.kind === 'up' && status.memberId === leader)?.endpoint;
  return members.find(({ clientUrl }) => clientUrl === leads)?.name;
}
