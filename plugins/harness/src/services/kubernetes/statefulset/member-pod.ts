import { createHash } from 'node:crypto';
import { memberLabels } from '../cluster-labels.ts';
import type { KubernetesPlan } from '../kubernetes-plan.ts';
import { tlsSecretNames } from '../tls-secrets.ts';
import { etcdArguments, PATHS } from './etcd-arguments.ts';
import { memberPorts } from './member-ports.ts';
import { memberProbes } from './member-probes.ts';
import { losesDataWithPod, memberStorage } from './member-storage.ts';

/** etcd's own registry. */
const DEFAULT_IMAGE = 'gcr.io/etcd-development/etcd';
/** Anybody but root; the group owns the volume. */
const NOBODY = 65_532;

export const CONTAINER = 'etcd';

/** What a pod was made from, where no controller replaces those that were made from another template. */
export const TEMPLATE_ANNOTATION = 'etcdperf.io/template';

/** The pods of a cluster's members, as a StatefulSet's template. */
export function memberPodTemplate(plan: KubernetesPlan) {
  const template = plainTemplate(plan);
  if (!losesDataWithPod(plan)) return template;
  const { metadata, spec } = template;
  const mark = { [TEMPLATE_ANNOTATION]: digest(Buffer.from(JSON.stringify(template))) };
  return { metadata: { ...metadata, annotations: { ...metadata.annotations, ...mark } }, spec };
}

function plainTemplate(plan: KubernetesPlan) {
  const { config, tls } = plan;
  const { labels, annotations, nodeSelector, tolerations, priorityClass, imagePullSecrets } = config.kubernetes;
  const storage = memberStorage(plan);
  // etcd reads changed certificates by itself, but a changed authority only when it starts: such pods are made anew. Not
  // those whose data would go with them: harness:restart restarts their containers.
  const isRestarted = tls !== undefined && !losesDataWithPod(plan);
  const authorities = isRestarted ? { 'etcdperf.io/ca-sha256': digest(tls.ca, tls.clientCa) } : {};
  return {
    metadata: {
      labels: { ...labels, ...memberLabels(config.name) },
      annotations: { ...annotations, 'etcdperf.io/etcd-version': config.version, ...authorities } as Record<
        string,
        string
      >,
    },
    spec: {
      ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
      ...(tolerations.length > 0 && { tolerations }),
      ...(priorityClass !== undefined && { priorityClassName: priorityClass }),
      ...memberAffinity(plan),
      automountServiceAccountToken: false,
      // A service named etcd would give its members variables that they take for settings (ETCD_PORT).
      enableServiceLinks: false,
      // etcd hands its leadership over by itself when it is told to end.
      terminationGracePeriodSeconds: 30,
      securityContext: podSecurity(plan),
      containers: [etcdContainer(plan, storage.mount)],
      volumes: [...storage.volumes, ...tlsVolumes(plan)],
    },
  };
}

function etcdContainer(plan: KubernetesPlan, dataMount: object) {
  const { kubernetes } = plan.config;
  const ports = memberPorts(plan);
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  });
  return {
    name: CONTAINER,
    image: memberImage(plan),
    ...(kubernetes.imagePullPolicy !== undefined && { imagePullPolicy: kubernetes.imagePullPolicy }),
    command: ['etcd'],
    args: etcdArguments(plan),
    env: [field('POD_NAME', 'metadata.name'), field('POD_NAMESPACE', 'metadata.namespace')],
    ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    ...(kubernetes.resources !== undefined && { resources: kubernetes.resources }),
    ...memberProbes(plan),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      dataMount,
      ...tlsVolumes(plan).map(({ name }) => ({
        name,
        mountPath: `${PATHS.tls}/${name.replace('-tls', '')}`,
        readOnly: true,
      })),
    ],
  };
}

/** With a tag, or without one: the version's is meant then. */
export function memberImage({ config }: KubernetesPlan): string {
  const { image = DEFAULT_IMAGE } = config.kubernetes;
  return /:[^/]+$|@/.test(image) ? image : `${image}:v${config.version}`;
}

/** Not root, but where the kubelet makes the directories: those are root's. */
function podSecurity({ config }: KubernetesPlan) {
  const { storage, runAsUser } = config.kubernetes;
  const user = runAsUser ?? (storage.kind === 'nfs' || storage.kind === 'hostPath' ? 0 : NOBODY);
  return {
    ...{ runAsUser: user, runAsGroup: user, runAsNonRoot: user !== 0 },
    // Only where it must: a large volume takes long.
    ...(user !== 0 && { fsGroup: user, fsGroupChangePolicy: 'OnRootMismatch' }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function memberAffinity({ config }: KubernetesPlan) {
  const { antiAffinity } = config.kubernetes;
  const apart = { labelSelector: { matchLabels: memberLabels(config.name) }, topologyKey: 'kubernetes.io/hostname' };
  switch (antiAffinity) {
    case 'none':
      return {};
    case 'required':
      return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [apart] } } };
    case 'preferred': {
      const preferred = [{ weight: 100, podAffinityTerm: apart }];
      return { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } };
    }
    default:
      return antiAffinity satisfies never;
  }
}

function tlsVolumes({ config, tls }: KubernetesPlan) {
  if (tls === undefined) return [];
  const { peer, server } = tlsSecretNames(config.name);
  // The keys are for etcd's group too: a secret's files belong to root.
  const secret = (name: string, secretName: string) => ({ name, secret: { secretName, defaultMode: 0o440 } });
  return [secret('peer-tls', peer), secret('server-tls', server)];
}

function digest(...texts: readonly (Buffer | undefined)[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text ?? '').update('\0');
  return hash.digest('hex').slice(0, 16);
}
