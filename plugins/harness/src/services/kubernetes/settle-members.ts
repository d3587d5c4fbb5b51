import type { KubernetesCluster } from '@etcdperf/core/etcd';
import type { Kube, Pod } from '@etcdperf/core/kube';
import { clusterHealth } from './cluster-health.ts';
import type { KubernetesBackend, Obstacle } from './kubernetes-backend.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';
import { isReady } from './member-troubles.ts';
import { stalePods } from './statefulset/stale-pods.ts';
import { type WaitForMembers, waitForMembers } from './wait-for-members.ts';

/**
 * Waits until all members are ready, and replaces those that no controller does: which have lost their data, or keep it in
 * pods of another template than wanted. One after the other, since the rest has the data and must be a majority; the
 * leader last. Resolves to why it can't be done, or undefined.
 */
export async function settleMembers(
  found: KubernetesCluster,
  kube: Kube,
  backend: KubernetesBackend,
  plan: KubernetesPlan,
  waiting: WaitForMembers,
): Promise<Obstacle | undefined> {
  const wait = () => waitForMembers(kube, backend, plan, waiting);
  // Operators see to their members themselves.
  if (found.config.backend !== 'statefulset') return wait();
  const replace = async (name: string) => {
    const { replaceMember } = await import('./statefulset/replace-member.ts');
    await replaceMember(found, name, waiting);
  };
  const stale = async () => stalePods(plan, await memberPods(kube, backend, plan));

  // Waiting for those of a former template would be in vain.
  for (const pod of await stale()) if (!isReady(pod)) await replace(nameOf(pod));
  let obstacle = await wait();
  for (const replaced: string[] = []; obstacle !== undefined; obstacle = await wait()) {
    const lost = obstacle.lost.find((name) => !replaced.includes(name));
    if (lost === undefined) return obstacle;
    replaced.push(lost);
    await replace(lost);
  }
  const rest = (await stale()).map(nameOf);
  if (rest.length === 0) return undefined;
  const leader = await clusterHealth(found, waiting);
  for (const name of rest.sort((a, b) => Number(a === leader) - Number(b === leader))) {
    await replace(name);
    obstacle = await wait();
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

export async function memberPods(kube: Kube, backend: KubernetesBackend, plan: KubernetesPlan): Promise<Pod[]> {
  return kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labels: backend.podLabels(plan), namespace: plan.namespace });
}

function nameOf({ metadata }: Pod): string {
  return metadata?.name ?? '';
}
