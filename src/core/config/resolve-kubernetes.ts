import type { KubernetesConfig, KubernetesServices, KubernetesStorage, Toleration } from './inventory.ts';
import type { FileCluster } from './inventory-schema.ts';
import { type FileKubernetes, kubernetesSchema } from './kubernetes-schema.ts';
import type { Reading } from './reading.ts';
import type { KeyPath } from './yaml-source.ts';

/** The `kubernetes` part of a cluster, checked against its backend; undefined where the backend is another. */
export function resolveKubernetes(file: FileCluster, path: KeyPath, reading: Reading): KubernetesConfig | undefined {
  if (file.backend === 'local' || file.backend === 'hosts') {
    if (file.kubernetes !== undefined) {
      const hint = 'backend: statefulset, or backend: operator';
      reading.problem([...path, 'kubernetes'], `a cluster of backend ${file.backend} is not on Kubernetes`, { hint });
    }
    return undefined;
  }
  const kubernetes = file.kubernetes ?? kubernetesSchema.parse({});
  if (file.dataDir !== undefined) {
    reading.problem([...path, 'dataDir'], 'pods keep their data elsewhere', { hint: 'kubernetes: storage' });
  }
  checkOperator(file, kubernetes, path, reading);
  const { services, storage, kubeconfig, resources, tolerations, ...rest } = kubernetes;
  return {
    ...withoutUndefined(rest),
    imagePullSecrets: rest.imagePullSecrets,
    ...(kubeconfig === undefined
      ? {}
      : { kubeconfigFile: reading.existingFile([...path, 'kubernetes', 'kubeconfig'], kubeconfig) }),
    storage: resolveStorage(storage),
    services: resolveServices(services),
    tolerations: tolerations.map((toleration) => withoutUndefined(toleration) as Toleration),
    ...(resources === undefined
      ? {}
      : {
          resources: {
            ...(resources.requests === undefined ? {} : { requests: asText(resources.requests) }),
            ...(resources.limits === undefined ? {} : { limits: asText(resources.limits) }),
          },
        }),
  };
}

function checkOperator(file: FileCluster, kubernetes: FileKubernetes, path: KeyPath, reading: Reading): void {
  const at = [...path, 'kubernetes', 'operator'];
  if (file.backend === 'operator' && kubernetes.operator === undefined) {
    const where = file.kubernetes === undefined ? path : [...path, 'kubernetes'];
    reading.problem(where, 'operator is missing', { part: 'key', hint: 'operator: coreos, or operator: etcd-io' });
  }
  if (file.backend === 'statefulset' && kubernetes.operator !== undefined)
    reading.problem(at, 'a cluster of backend statefulset has no operator', { hint: 'backend: operator' });
}

function resolveStorage({ emptyDir = {}, claim, nfs, hostPath }: FileKubernetes['storage']): KubernetesStorage {
  if (claim !== undefined) {
    const { size, storageClass, accessMode } = claim;
    return { kind: 'claim', size: String(size), accessMode, ...(storageClass === undefined ? {} : { storageClass }) };
  }
  if (nfs !== undefined) return { kind: 'nfs', ...nfs, size: String(nfs.size) };
  if (hostPath !== undefined) return { kind: 'hostPath', ...hostPath, size: String(hostPath.size) };
  const { medium, sizeLimit } = emptyDir;
  return {
    kind: 'emptyDir',
    ...(medium === undefined ? {} : { medium }),
    ...(sizeLimit === undefined ? {} : { sizeLimit: String(sizeLimit) }),
  };
}

function resolveServices({ nodePort, loadBalancer, vip }: FileKubernetes['services']): KubernetesServices {
  return {
    ...(nodePort === false ? {} : { nodePort: nodePort === true ? {} : { port: nodePort } }),
    ...(loadBalancer === false
      ? {}
      : { loadBalancer: { annotations: loadBalancer === true ? {} : loadBalancer.annotations } }),
    vip: [vip].flat(),
  };
}

function asText(amounts: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, String(amount)]));
}

/** The keys that have a value. */
function withoutUndefined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
