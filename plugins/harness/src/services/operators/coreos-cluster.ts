import type { InputProblem } from '@etcdperf/core/errors';
import { clusterLabels, clusterMeta } from '../kubernetes/cluster-labels.ts';
import type { ClusterObject } from '../kubernetes/cluster-object.ts';
import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';
import { tlsSecretNames } from '../kubernetes/tls-secrets.ts';
import { memberAffinity } from './member-affinity.ts';
import { splitImage } from './split-image.ts';
import { unsupportedSettings } from './unsupported-settings.ts';

export const COREOS_API = 'etcd.database.coreos.com/v1beta2';

/** Says which of its operators are to look after a cluster; those for all namespaces want `clusterwide`. */
const SCOPE = 'etcd.database.coreos.com/scope';

/** The operator's own labels of a cluster's pods, services and claims. */
export function coreosLabels(cluster: string): Record<string, string> {
  return { app: 'etcd', etcd_cluster: cluster };
}

/** A cluster as coreos' operator wants it described. Its secrets are those of `tlsSecrets`. */
export function coreosCluster(plan: KubernetesPlan): ClusterObject {
  const { config, tls } = plan;
  const { kubernetes, name } = config;
  const { [SCOPE]: scope, ...annotations } = kubernetes.annotations;
  const secrets = tlsSecretNames(name);
  return {
    apiVersion: COREOS_API,
    kind: 'EtcdCluster',
    metadata: clusterMeta(plan, name, scope === undefined ? {} : { [SCOPE]: scope }),
    spec: {
      size: config.members.length,
      version: config.version,
      ...(kubernetes.image !== undefined && { repository: splitImage(kubernetes.image).repository }),
      pod: {
        labels: { ...kubernetes.labels, ...clusterLabels(name) },
        ...(Object.keys(annotations).length > 0 && { annotations }),
        ...podPolicy(plan),
      },
      ...(tls !== undefined && {
        TLS: {
          static: {
            member: { peerSecret: secrets.peer, serverSecret: secrets.server },
            operatorSecret: secrets.client,
          },
        },
      }),
    },
  };
}

function podPolicy(plan: KubernetesPlan): object {
  const { kubernetes, flags, name } = plan.config;
  const { nodeSelector, tolerations, resources, storage, runAsUser: user } = kubernetes;
  const affinity = memberAffinity(plan, coreosLabels(name));
  const etcdEnv = Object.entries(flags).map(([flag, value]) => ({ name: flagVariable(flag), value: String(value) }));
  return {
    ...(affinity !== undefined && { affinity }),
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations }),
    ...(resources !== undefined && { resources }),
    ...(user !== undefined && {
      securityContext: { runAsUser: user, runAsGroup: user, ...(user !== 0 && { fsGroup: user }) },
    }),
    ...(etcdEnv.length > 0 && { etcdEnv }),
    ...(storage.kind === 'claim' && {
      persistentVolumeClaimSpec: {
        accessModes: [storage.accessMode],
        resources: { requests: { storage: storage.size } },
        ...(storage.storageClass !== undefined && { storageClassName: storage.storageClass }),
      },
    }),
  };
}

/** The environment variable that etcd takes a flag from. */
function flagVariable(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** A member's name is the cluster's with `-` and ten characters; Kubernetes' names have 63. */
const MAX_NAME = 52;

/** What the operator can't make of a cluster's settings. */
export function coreosProblems(plan: KubernetesPlan): InputProblem[] {
  const { config, tls } = plan;
  const { kubernetes, name, members, version } = config;
  const { tag, digest } = splitImage(kubernetes.image ?? '');
  const reserved = Object.keys(kubernetes.labels).filter((label) => label === 'app' || label.startsWith('etcd_'));
  return [
    ...unsupportedSettings(plan, "coreos' operator"),
    ...(members.length > 7 ? [{ message: "coreos' operator makes 7 members at most", hint: 'members: 7' }] : []),
    ...(name.length > MAX_NAME
      ? [{ message: `coreos' operator takes names of ${MAX_NAME} characters at most`, hint: 'a shorter name' }]
      : []),
    ...(digest !== undefined || (tag !== undefined && tag !== `v${version}`)
      ? [{ message: `coreos' operator takes the image's tag v${version} only`, hint: 'image: without a tag' }]
      : []),
    ...(reserved.length > 0
      ? [{ message: `coreos' operator keeps the label ${reserved[0]} for itself`, hint: 'give it another name' }]
      : []),
    ...(tls !== undefined && tls.client === undefined
      ? [
          {
            message: "with TLS, coreos' operator and its members show a client certificate, and there is none",
            hint: 'name clientCert and clientKey under tls, or tls: {dir: …} and etcdperf harness:certs',
          },
        ]
      : []),
  ];
}
