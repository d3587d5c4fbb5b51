import { memberLabels } from '../cluster-labels.ts';
import type { ClusterObject } from '../cluster-object.ts';
import type { KubernetesPlan } from '../kubernetes-plan.ts';
import { PATHS } from './etcd-arguments.ts';

export interface MemberStorage {
  readonly volumes: readonly object[];
  readonly mount: object;
  readonly claimTemplates: readonly object[];
}

const VOLUME = 'data';

/**
 * Where a member keeps its data. NFS and host paths are mounted as they are, with a directory for each member that the
 * kubelet makes: no PersistentVolume, and so no right beyond the namespace, is needed.
 */
export function memberStorage({ config }: KubernetesPlan): MemberStorage {
  const { storage } = config.kubernetes;
  const mount = { name: VOLUME, mountPath: PATHS.volume };
  const direct = (volume: object) => ({
    volumes: [{ name: VOLUME, ...volume }],
    mount: { ...mount, subPathExpr: '$(POD_NAMESPACE)/$(POD_NAME)' },
    claimTemplates: [],
  });
  switch (storage.kind) {
    case 'emptyDir': {
      const { medium, sizeLimit } = storage;
      const emptyDir = { ...(medium && { medium }), ...(sizeLimit !== undefined && { sizeLimit }) };
      return { volumes: [{ name: VOLUME, emptyDir }], mount, claimTemplates: [] };
    }
    case 'claim': {
      const { accessMode, size, storageClass } = storage;
      const claim = {
        metadata: { name: VOLUME, labels: memberLabels(config.name) },
        spec: {
          accessModes: [accessMode],
          resources: { requests: { storage: size } },
          ...(storageClass !== undefined && { storageClassName: storageClass }),
        },
      };
      return { volumes: [], mount, claimTemplates: [claim] };
    }
    case 'nfs':
      return direct({ nfs: { server: storage.server, path: storage.path } });
    case 'hostPath':
      return direct({ hostPath: { path: storage.path, type: 'DirectoryOrCreate' } });
    default:
      return storage satisfies never;
  }
}

/** The names of the claims that a StatefulSet makes for its members. */
export function claimNames({ config }: KubernetesPlan): string[] {
  return config.kubernetes.storage.kind === 'claim' ? config.members.map(({ name }) => `${VOLUME}-${name}`) : [];
}

/** Where the data of a member is that goes with no object of the cluster; undefined where there is none. */
export function dataElsewhere({ config, namespace }: KubernetesPlan): string | undefined {
  const { storage } = config.kubernetes;
  if (storage.kind === 'nfs') return `${storage.server}:${storage.path}/${namespace}/${config.name}-*`;
  if (storage.kind === 'hostPath') return `${storage.path}/${namespace}/${config.name}-* of the nodes`;
  return undefined;
}

/** Whether a member's data goes with its pod. */
export function losesDataWithPod({ config }: KubernetesPlan): boolean {
  return config.kubernetes.storage.kind === 'emptyDir';
}

/** The claims' template and the volume of a StatefulSet, as text that is equal where the storage is. */
export function storageOf(statefulSet: ClusterObject): string {
  const { volumeClaimTemplates = [], template } = statefulSet.spec as {
    volumeClaimTemplates?: { spec: { accessModes?: string[]; resources?: object; storageClassName?: string } }[];
    template: { spec: { volumes?: Record<string, unknown>[] } };
  };
  const volume = template.spec.volumes?.find(({ name }) => name === VOLUME);
  return JSON.stringify([
    ...volumeClaimTemplates.map(({ spec }) => [spec.accessModes, spec.resources, spec.storageClassName]),
    Object.keys(volume ?? {}).sort(),
    volume?.nfs ?? (volume?.hostPath as { path?: string } | undefined)?.path,
  ]);
}
