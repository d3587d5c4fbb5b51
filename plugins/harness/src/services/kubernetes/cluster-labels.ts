import type { ClusterObject, ClusterObjectMeta } from './cluster-object.ts';
import type { KubernetesBackend } from './kubernetes-backend.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';

/** The label whose value is the cluster's name: what carries it is ours. */
const CLUSTER_LABEL = 'etcdperf.io/cluster';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** Carried by everything that etcdperf makes for a cluster. */
export function clusterLabels(cluster: string): Record<string, string> {
  return { [MANAGED_BY]: 'etcdperf', 'app.kubernetes.io/name': 'etcd', [CLUSTER_LABEL]: cluster };
}

/** Carried by the pods of its members, and by nothing else. */
export function memberLabels(cluster: string): Record<string, string> {
  return { ...clusterLabels(cluster), 'app.kubernetes.io/component': 'member' };
}

/** Of the members' pods, those of a cluster that etcdperf made: others may be looked at, and are never removed. */
export function ownPodLabels(backend: KubernetesBackend, plan: KubernetesPlan): Record<string, string> {
  return { ...backend.podLabels(plan), ...clusterLabels(plan.config.name) };
}

/** The metadata of an object of the cluster, in its namespace. */
export function clusterMeta(
  { config, namespace }: Pick<KubernetesPlan, 'config' | 'namespace'>,
  name: string,
  annotations: Readonly<Record<string, string>> = {},
): ClusterObjectMeta {
  const some = Object.keys(annotations).length > 0;
  return { name, namespace, labels: clusterLabels(config.name), ...(some && { annotations }) };
}

/** Whether an object was made by etcdperf, for this cluster. */
export function isOfCluster({ metadata }: ClusterObject, cluster: string): boolean {
  return metadata.labels?.[MANAGED_BY] === 'etcdperf' && metadata.labels[CLUSTER_LABEL] === cluster;
}
