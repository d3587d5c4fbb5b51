import type { KubernetesCluster } from '@etcdperf/core/etcd';
import { type Kube, type OpenKubeOptions, openKube } from '@etcdperf/core/kube';

/** The Kubernetes that a cluster of the inventory is in, its namespace chosen. Throws InputError without a kubeconfig. */
export async function openClusterKube(
  { kubernetes }: KubernetesCluster['config'],
  choices: Pick<OpenKubeOptions, 'onNotice' | 'patienceMs'> = {},
): Promise<Kube> {
  const { kubeconfigFile, context, namespace } = kubernetes;
  return openKube({ kubeconfigFile, context, namespace, ...choices });
}
