import type { Credential } from '@etcdperf/core/certs';
import type { InputProblem } from '@etcdperf/core/errors';
import { accessServices, clusterIpService } from '../kubernetes/client-services.ts';
import { clusterLabels, clusterMeta } from '../kubernetes/cluster-labels.ts';
import type { ClusterObject } from '../kubernetes/cluster-object.ts';
import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';
import { tlsSecretNames } from '../kubernetes/tls-secrets.ts';
import { memberAffinity } from './member-affinity.ts';
import { splitImage } from './split-image.ts';
import { unsupportedSettings } from './unsupported-settings.ts';

export const ETCD_IO_API = 'operator.etcd.io/v1alpha1';

/** The operator's own labels of a cluster's pods and claims, which its StatefulSet selects by. */
export function etcdIoLabels(cluster: string): Record<string, string> {
  return { app: cluster, controller: cluster };
}

/** Of the claim that the operator's StatefulSet takes for a member. */
export function claimName(member: string): string {
  return `etcd-data-${member}`;
}

/** Everything that is applied for a cluster of the official operator. */
export function etcdIoObjects(plan: KubernetesPlan): ClusterObject[] {
  const selector = etcdIoLabels(plan.config.name);
  return [
    ...etcdIoSecrets(plan),
    ...etcdIoClaims(plan),
    clusterIpService(plan, selector),
    ...accessServices(plan, selector),
    // Last: its members need the rest.
    etcdIoCluster(plan),
  ];
}

/**
 * The claims that the operator's StatefulSet would make: it takes those that are there. Its own would carry no label of
 * the cluster's, and stay for ever.
 */
function etcdIoClaims(plan: KubernetesPlan): ClusterObject[] {
  const { kubernetes, members } = plan.config;
  const { storage } = kubernetes;
  if (storage.kind !== 'claim') return [];
  return members.map(({ name }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: clusterMeta(plan, claimName(name)),
    spec: {
      accessModes: [storage.accessMode],
      // As the operator has it: no more than asked for.
      resources: { requests: { storage: storage.size }, limits: { storage: storage.size } },
      ...(storage.storageClass !== undefined && { storageClassName: storage.storageClass }),
    },
  }));
}

function etcdIoCluster(plan: KubernetesPlan): ClusterObject {
  const { config, tls } = plan;
  const { kubernetes, name, flags, version } = config;
  const { image, nodeSelector, tolerations, storage, annotations, labels } = kubernetes;
  const { repository, tag = `v${version}` } = splitImage(image ?? '');
  const affinity = memberAffinity(plan, etcdIoLabels(name));
  const etcdOptions = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const placement = {
    ...(affinity !== undefined && { affinity }),
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations }),
  };
  return {
    apiVersion: ETCD_IO_API,
    kind: 'EtcdCluster',
    metadata: clusterMeta(plan, name),
    spec: {
      size: config.members.length,
      version: tag,
      ...(image !== undefined && { imageRegistry: repository }),
      ...(etcdOptions.length > 0 && { etcdOptions }),
      ...(storage.kind === 'claim' && {
        storageSpec: {
          accessModes: storage.accessMode,
          volumeSizeRequest: storage.size,
          ...(storage.storageClass !== undefined && { storageClassName: storage.storageClass }),
        },
      }),
      // The secrets are there before it looks for them: it takes these certificates instead of making its own.
      ...(tls !== undefined && { tls: { provider: 'auto' } }),
      podTemplate: {
        metadata: {
          labels: { ...labels, ...clusterLabels(name) },
          ...(Object.keys(annotations).length > 0 && { annotations }),
        },
        ...(Object.keys(placement).length > 0 && { spec: placement }),
      },
    },
  };
}

/** The cluster's certificates under the names that the operator would give to its own. */
function etcdIoSecrets(plan: KubernetesPlan): ClusterObject[] {
  const { tls, config } = plan;
  if (tls === undefined) return [];
  const names = tlsSecretNames(config.name);
  const secret = (name: string, { cert, key }: Credential, ca: Buffer): ClusterObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: clusterMeta(plan, name),
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': cert.toString('base64'),
      'tls.key': key.toString('base64'),
      'ca.crt': ca.toString('base64'),
    },
  });
  return [
    secret(names.peer, tls.peer, tls.ca),
    secret(names.server, tls.server, tls.clientCa ?? tls.ca),
    ...(tls.client === undefined ? [] : [secret(names.client, tls.client, tls.ca)]),
  ];
}

/** What the operator can't make of a cluster's settings. */
export function etcdIoProblems(plan: KubernetesPlan): InputProblem[] {
  const { kubernetes } = plan.config;
  const { image, resources, storage, runAsUser } = kubernetes;
  const own = Object.keys(kubernetes.labels).filter((label) => label === 'app' || label === 'controller');
  return [
    ...unsupportedSettings(plan, 'the etcd operator'),
    ...(resources !== undefined
      ? [
          {
            message: 'the etcd operator has no setting for resources',
            hint: 'leave them out (a LimitRange of the namespace can set them), or backend: statefulset',
          },
        ]
      : []),
    ...(runAsUser !== undefined
      ? [
          {
            message: 'the etcd operator has no setting for runAsUser',
            hint: "leave it out: members run as their image's user, which is root for etcd's own",
          },
        ]
      : []),
    ...(splitImage(image ?? '').digest !== undefined
      ? [{ message: 'the etcd operator takes an image with a tag, not with a digest', hint: 'image: …:<tag>' }]
      : []),
    ...(storage.kind === 'claim' && storage.accessMode !== 'ReadWriteOnce'
      ? [
          {
            message: `the etcd operator makes no claim of its own for each member with ${storage.accessMode}`,
            hint: 'accessMode: ReadWriteOnce',
          },
        ]
      : []),
    ...(own.length > 0
      ? [{ message: `the etcd operator keeps the label ${own[0]} for itself`, hint: 'give it another name' }]
      : []),
  ];
}
