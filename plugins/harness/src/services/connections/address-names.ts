import { networkInterfaces } from 'node:os';
import type { Pod } from '@etcdperf/core/kube';
import type { ClusterMembers } from '../members/cluster-members.ts';

/** Whose an address is: this machine's, a host's of the inventory, a pod's in the members' namespace. Never rejects. */
export async function addressNames(members: ClusterMembers, signal?: AbortSignal): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const address of Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []))
    names.set(address.address, 'this machine');
  const { found } = members;
  for (const host of 'inventory' in found ? found.inventory.hosts : []) names.set(host.address, host.name);
  const [first] = members.members;
  if (first?.kind !== 'pod') return names;
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: first.namespace };
  const pods = await first.kube.list<Pod>(query, { signal }).catch((): Pod[] => []);
  // A pod in its node's network has the node's address.
  for (const { metadata, status, spec } of pods)
    for (const { ip } of status?.podIPs ?? [])
      if (ip !== undefined && spec?.hostNetwork !== true) names.set(ip, metadata?.name ?? '');
  return names;
}
