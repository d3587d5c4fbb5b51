import type { Kube, Pod } from '@etcdperf/core/kube';

/** Pods with these labels that are not about to go. */
export async function listPods(
  kube: Kube,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Pod[]> {
  const pods = await kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace, labels }, { signal });
  return pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
