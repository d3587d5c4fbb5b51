import { createAuthority, issueCertificate } from '@etcdperf/core/certs';
import type { Kube, KubeObject, Pod, Secret } from '@etcdperf/core/kube';
import {
  type Controller,
  type EtcdCluster,
  ensureChild,
  ownerReference,
  startController,
  type TestSpace,
} from './controller.ts';

interface Spec {
  readonly size: number;
  readonly version: string;
  readonly imageRegistry?: string;
  readonly etcdOptions?: readonly string[];
  readonly tls?: object;
  readonly storageSpec?: {
    readonly accessModes?: string;
    readonly storageClassName?: string;
    readonly volumeSizeRequest: string;
  };
  readonly podTemplate?: {
    readonly metadata?: { readonly labels?: object; readonly annotations?: object };
    readonly spec?: object;
  };
}

export interface EtcdIoStandInOptions {
  /** Members are given the certificates. Releases up to 0.2.0 make them and leave it at that. */
  readonly servesTls?: boolean;
}

/**
 * Does of the official operator (as 0.2.0 was seen to do) what tells in a deployment: its StatefulSet, headless service,
 * config map and secrets, and the status. It starts all members at once, where the operator adds one to the other.
 */
export function startEtcdIoStandIn(space: TestSpace, { servesTls = false }: EtcdIoStandInOptions = {}) {
  const controller: Controller = {
    apiVersion: 'operator.etcd.io/v1alpha1',
    watched: [{ apiVersion: 'v1', kind: 'Pod' }],
    reconcile: (kube, cluster) => reconcile(kube, cluster, servesTls),
  };
  return startController(space, controller);
}

async function reconcile(kube: Kube, cluster: EtcdCluster, servesTls: boolean): Promise<object> {
  const spec = cluster.spec as unknown as Spec;
  const { name = '', generation } = cluster.metadata ?? {};
  const labels = { app: name, controller: name };
  if (spec.tls !== undefined)
    for (const kind of ['client', 'server', 'peer']) await ensureSecret(kube, cluster, `${name}-${kind}-tls`);
  const isSecure = servesTls && spec.tls !== undefined;
  for (const child of children(cluster, spec, labels, isSecure)) await ensureChild(kube, cluster, child);
  const pods = (await kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labels })).sort((a, b) =>
    (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? ''),
  );
  return {
    ...{ observedGeneration: generation, currentReplicas: spec.size, memberCount: pods.length },
    readyReplicas: pods.filter(isReady).length,
    members: pods.map((pod) => ({
      id: pod.metadata?.uid,
      name: pod.metadata?.name,
      version: spec.version.replace(/^v/, ''),
      isHealthy: isReady(pod),
    })),
  };
}

function children(cluster: EtcdCluster, spec: Spec, labels: object, isSecure: boolean): KubeObject[] {
  const { name = '', namespace = '' } = cluster.metadata ?? {};
  const scheme = isSecure ? 'https' : 'http';
  const peer = (member: string) => `${scheme}://${member}.${name}.${namespace}.svc.cluster.local:2380`;
  const members = Array.from({ length: spec.size }, (_, i) => `${name}-${i}`);
  const state = {
    ETCD_INITIAL_CLUSTER_STATE: 'new',
    ETCD_INITIAL_CLUSTER: members.map((member) => `${member}=${peer(member)}`).join(','),
    ETCD_DATA_DIR: '/var/lib/etcd',
  };
  const field = (variable: string, fieldPath: string) => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } });
  const secrets = spec.tls === undefined ? [] : ['server', 'peer'];
  const { storageSpec: storage, podTemplate } = spec;
  const mounts = [
    ...(storage === undefined ? [] : [{ name: 'etcd-data', mountPath: '/var/lib/etcd', subPathExpr: '$(POD_NAME)' }]),
    ...(isSecure ? secrets.map((kind) => ({ name: `${kind}-secret`, mountPath: `${CERTS}/${kind}` })) : []),
  ];
  const container = {
    ...{ name: 'etcd', image: `${spec.imageRegistry ?? 'gcr.io/etcd-development/etcd'}:${spec.version}` },
    command: ['/usr/local/bin/etcd'],
    args: [
      '--name=$(POD_NAME)',
      `--listen-peer-urls=${scheme}://0.0.0.0:2380`,
      `--listen-client-urls=${scheme}://0.0.0.0:2379`,
      `--initial-advertise-peer-urls=${peer('$(POD_NAME)')}`,
      `--advertise-client-urls=${peer('$(POD_NAME)').replace(/2380$/, '2379')}`,
      ...(isSecure ? [...tlsArguments('', 'server'), ...tlsArguments('peer-', 'peer')] : []),
      ...(spec.etcdOptions ?? []),
    ],
    env: [field('POD_NAME', 'metadata.name'), field('POD_NAMESPACE', 'metadata.namespace')],
    envFrom: [{ configMapRef: { name: `${name}-state` } }],
    volumeMounts: mounts,
  };
  const template = {
    metadata: { ...podTemplate?.metadata, labels: { ...podTemplate?.metadata?.labels, ...labels } },
    spec: {
      ...podTemplate?.spec,
      containers: [container],
      volumes: secrets.map((kind) => ({ name: `${kind}-secret`, secret: { secretName: `${name}-${kind}-tls` } })),
    },
  };
  const objects: object[] = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-state` }, data: state },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, labels } },
      // Its own publishes members that are ready only: it waits for each before it adds the next.
      spec: { clusterIP: 'None', selector: labels, publishNotReadyAddresses: true },
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name } },
      spec: {
        ...{ replicas: spec.size, serviceName: name, selector: { matchLabels: labels }, template },
        ...(storage !== undefined && { volumeClaimTemplates: [claimTemplate(storage)] }),
      },
    },
  ];
  return objects as KubeObject[];
}

const CERTS = '/etc/etcd-certs';

function tlsArguments(prefix: 'peer-' | '', kind: 'peer' | 'server'): string[] {
  const dir = `${CERTS}/${kind}`;
  return [
    `--${prefix}cert-file=${dir}/tls.crt`,
    `--${prefix}key-file=${dir}/tls.key`,
    `--${prefix}trusted-ca-file=${dir}/ca.crt`,
    `--${prefix}client-cert-auth=true`,
  ];
}

function claimTemplate({ storageClassName, volumeSizeRequest }: NonNullable<Spec['storageSpec']>) {
  const amount = { storage: volumeSizeRequest };
  return {
    metadata: { name: 'etcd-data' },
    spec: {
      ...{ accessModes: ['ReadWriteOnce'], resources: { requests: amount, limits: amount } },
      ...(storageClassName !== undefined && { storageClassName }),
    },
  };
}

/** Each certificate is of a CA of its own, as the operator's sign themselves; one that is there is taken. */
async function ensureSecret(kube: Kube, cluster: EtcdCluster, name: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Secret', name };
  const standing = await kube.get<Secret>(ref);
  if (standing !== undefined) {
    if (standing.metadata?.ownerReferences === undefined)
      await kube.merge(ref, { metadata: { ownerReferences: [ownerReference(cluster)] } });
    return;
  }
  const authority = await createAuthority({ commonName: 'etcd', days: 1 });
  const headless = `${cluster.metadata?.name}.${cluster.metadata?.namespace}.svc.cluster.local`;
  const hosts = [headless, `*.${headless}`];
  const { cert, key } = await issueCertificate(authority, { commonName: 'etcd', usage: 'peer', hosts, days: 1 });
  const pem = { 'tls.crt': cert, 'tls.key': key, 'ca.crt': authority.cert };
  const data = Object.fromEntries(Object.entries(pem).map(([file, text]) => [file, text.toString('base64')]));
  const secret = { ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name } }, type: 'kubernetes.io/tls', data };
  await ensureChild(kube, cluster, secret as KubeObject);
}

function isReady({ status, metadata }: Pod): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
