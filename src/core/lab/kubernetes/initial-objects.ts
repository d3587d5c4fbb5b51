import { OperationError } from '../../errors/index.ts';
import type { ApiClient } from './api-client.ts';

const storage = (name: string, provisioner: string, annotations = {}) => ({
  path: '/apis/storage.k8s.io/v1/storageclasses',
  body: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations },
    provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  },
});

/**
 * What every cluster has: `standard`, the class that claims get by themselves (folders that all nodes share, made by the
 * controller manager). And `never`, of which no claim is ever bound.
 */
const OBJECTS = [
  storage('standard', 'kubernetes.io/host-path', { 'storageclass.kubernetes.io/is-default-class': 'true' }),
  storage('never', 'etcdperf.io/nobody'),
];

export async function createInitialObjects(api: ApiClient): Promise<void> {
  for (const { path, body } of OBJECTS) {
    const answer = await api.call('POST', path, body);
    if (answer?.code !== 201 && answer?.code !== 409) {
      throw new OperationError(`${body.kind} ${body.metadata.name}: ${answer?.text ?? 'no answer'}`, { where: path });
    }
  }
}
