import { OperationError } from '@etcdperf/core/errors';
import type { KubernetesCluster } from '../find-cluster.ts';
import type { KubernetesBackend } from './kubernetes-backend.ts';

/** How a cluster of the inventory is made. Loaded on demand: each command needs one of them. */
export async function backendOf(config: KubernetesCluster['config']): Promise<KubernetesBackend> {
  const { operator } = config.kubernetes;
  switch (operator) {
    case undefined:
      return (await import('./statefulset/statefulset-backend.ts')).statefulsetBackend;
    case 'coreos':
    case 'etcd-io':
      throw new OperationError(`there is no way yet to make this cluster`, { where: `cluster ${config.name}` });
    default:
      return operator satisfies never;
  }
}
