import type { KubernetesCluster } from '@etcdperf/core/etcd';
import type { KubernetesBackend } from './kubernetes-backend.ts';

/** How a cluster of the inventory is made. Loaded on demand: each command needs one of them. */
export async function backendOf(config: KubernetesCluster['config']): Promise<KubernetesBackend> {
  const { operator } = config.kubernetes;
  switch (operator) {
    case undefined:
      return (await import('./statefulset/statefulset-backend.ts')).statefulsetBackend;
    case 'coreos':
      return (await import('../operators/coreos-backend.ts')).coreosBackend;
    case 'etcd-io':
      return (await import('../operators/etcd-io-backend.ts')).etcdIoBackend;
    default:
      return operator satisfies never;
  }
}
