import { randomBytes } from 'node:crypto';
import type { Kube, KubeObject, Pod } from '@etcdperf/core/kube';
import { type Controller, type EtcdCluster, ensureChild, startController, type TestSpace } from './controller.ts';

interface Spec {
  readonly size: number;
  readonly version: string;
  readonly paused?: boolean;
  readonly repository?: string;
  readonly pod?: {
    readonly labels?: object;
    readonly annotations?: object;
    readonly affinity?: object;
    readonly nodeSelector?: object;
    readonly tolerations?: object[];
    readonly resources?: object;
    readonly etcdEnv?: object[];
    readonly persistentVolumeClaimSpec?: object;
  };
  readonly TLS?: {
    readonly static: {
      readonly member: { readonly peerSecret: string; readonly serverSecret: string };
      readonly operatorSecret: string;
    };
  };
}

/**
 * Does of coreos' archived operator what tells in a deployment: pods with its names, labels, arguments and probes, its
 * services and claims, and the status. It starts all members at once, where the operator adds one to the other, and
 * neither scales, upgrades nor mends.
 */
export function startCoreosStandIn(space: TestSpace): Promise<AsyncDisposable> {
  return startController(space, coreos);
}

const coreos: Controller = {
  apiVersion: 'etcd.database.coreos.com/v1beta2',
  watched: [{ apiVersion: 'v1', kind: 'Pod', labels: { app: 'etcd' } }],
  async reconcile(kube, cluster) {
    const spec = cluster.spec as unknown as Spec;
    if (spec.paused) return cluster.status;
    const name = cluster.metadata?.name ?? '';
    const labels = { app: 'etcd', etcd_cluster: name };
    let pods = await kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labels });
    if (pods.length === 0) {
      await makeMembers(kube, cluster, spec, labels);
      pods = await kube.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labels });
    }
    const named = (isOne: (pod: Pod) => boolean) => pods.filter(isOne).map((pod) => pod.metadata?.name ?? '');
    const ready = named(isReady).sort();
    return {
      ...{ phase: 'Running', size: pods.length, serviceName: `${name}-client`, clientPort: 2379 },
      members: { ready, unready: named((pod) => !isReady(pod)).sort() },
      currentVersion: ready.length === spec.size ? spec.version : '',
      targetVersion: '',
    };
  },
};

async function makeMembers(kube: Kube, cluster: EtcdCluster, spec: Spec, labels: Record<string, string>) {
  const { name = '', namespace = '' } = cluster.metadata ?? {};
  const port = (portName: string, number: number) => ({ name: portName, port: number, targetPort: number });
  const service = (serviceName: string, rest: object): KubeObject => ({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: serviceName, labels } },
    ...{ spec: { selector: labels, ...rest } },
  });
  await ensureChild(kube, cluster, service(`${name}-client`, { ports: [port('client', 2379)] }));
  const peers = {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    ports: [port('client', 2379), port('peer', 2380)],
  };
  await ensureChild(kube, cluster, service(name, peers));
  const secure = spec.TLS === undefined ? '' : 's';
  const members = Array.from({ length: spec.size }, () => `${name}-${randomBytes(5).toString('hex')}`);
  const address = (member: string) => `${member}.${name}.${namespace}.svc`;
  const argv = (member: string) => [
    ...['/usr/local/bin/etcd', '--data-dir=/var/etcd/data', `--name=${member}`],
    `--initial-advertise-peer-urls=http${secure}://${address(member)}:2380`,
    `--listen-peer-urls=http${secure}://0.0.0.0:2380`,
    `--listen-client-urls=http${secure}://0.0.0.0:2379`,
    `--advertise-client-urls=http${secure}://${address(member)}:2379`,
    `--initial-cluster=${members.map((one) => `${one}=http${secure}://${address(one)}:2380`).join(',')}`,
    '--initial-cluster-state=new',
    ...(spec.TLS === undefined ? [] : [...tlsArguments('peer-', 'peer'), ...tlsArguments('', 'server')]),
    `--initial-cluster-token=${cluster.metadata?.uid}`,
  ];
  for (const member of members) {
    const claim = spec.pod?.persistentVolumeClaimSpec;
    if (claim !== undefined) {
      const metadata = { name: member, labels };
      await ensureChild(kube, cluster, {
        ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata },
        ...{ spec: claim },
      } as KubeObject);
    }
    await ensureChild(kube, cluster, memberPod(member, name, argv(member), spec, labels));
  }
}

const TLS_DIR = '/etc/etcdtls';

function tlsArguments(prefix: 'peer-' | '', kind: 'peer' | 'server'): string[] {
  const dir = `${TLS_DIR}/member/${kind}-tls/${kind}`;
  return [
    `--${prefix}client-cert-auth=true`,
    `--${prefix}trusted-ca-file=${dir}-ca.crt`,
    `--${prefix}cert-file=${dir}.crt`,
    `--${prefix}key-file=${dir}.key`,
  ];
}

function memberPod(member: string, cluster: string, argv: string[], spec: Spec, labels: object): KubeObject {
  const { pod = {}, TLS, repository = 'quay.io/coreos/etcd', version } = spec;
  const secrets = TLS === undefined ? [] : secretVolumes(TLS.static);
  const client = `${TLS_DIR}/operator/etcd-tls/etcd-client`;
  const access = `--endpoints=https://localhost:2379 --cert=${client}.crt --key=${client}.key --cacert=${client}-ca.crt`;
  const probe = ['/bin/sh', '-ec', `ETCDCTL_API=3 etcdctl ${TLS === undefined ? '' : access} endpoint status`];
  const data =
    pod.persistentVolumeClaimSpec === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: member } };
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      name: member,
      labels: { ...labels, etcd_node: member, ...pod.labels },
      annotations: { 'etcd.version': version, ...pod.annotations },
    },
    ...{
      spec: {
        ...{ hostname: member, subdomain: cluster, restartPolicy: 'Never', automountServiceAccountToken: false },
        ...{ affinity: pod.affinity, nodeSelector: pod.nodeSelector, tolerations: pod.tolerations },
        containers: [
          {
            ...{ name: 'etcd', image: `${repository}:v${version}`, command: argv, env: pod.etcdEnv ?? [] },
            resources: pod.resources ?? {},
            readinessProbe: { exec: { command: probe }, initialDelaySeconds: 1, timeoutSeconds: 5, periodSeconds: 1 },
            volumeMounts: [
              { name: 'etcd-data', mountPath: '/var/etcd' },
              ...secrets.map(({ name, mountPath }) => ({ name, mountPath })),
            ],
          },
        ],
        volumes: [
          { name: 'etcd-data', ...data },
          ...secrets.map(({ name, secretName }) => ({ name, secret: { secretName } })),
        ],
      },
    },
  } as KubeObject;
}

function secretVolumes({ member, operatorSecret }: NonNullable<Spec['TLS']>['static']) {
  return [
    { name: 'member-peer-tls', secretName: member.peerSecret, mountPath: `${TLS_DIR}/member/peer-tls` },
    { name: 'member-server-tls', secretName: member.serverSecret, mountPath: `${TLS_DIR}/member/server-tls` },
    { name: 'etcd-client-tls', secretName: operatorSecret, mountPath: `${TLS_DIR}/operator/etcd-tls` },
  ];
}

function isReady({ status, metadata }: Pod): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
