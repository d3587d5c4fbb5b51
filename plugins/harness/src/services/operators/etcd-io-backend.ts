import type { Kube, Pod, StatefulSet } from '@etcdperf/core/kube';
import { clusterLabels } from '../kubernetes/cluster-labels.ts';
import type { KubernetesBackend, Obstacle, Readiness } from '../kubernetes/kubernetes-backend.ts';
import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';
import { podsRefused } from '../kubernetes/statefulset/statefulset-readiness.ts';
import { claimName, ETCD_IO_API, etcdIoLabels, etcdIoObjects, etcdIoProblems } from './etcd-io-cluster.ts';
import { judgeEtcdCluster } from './judge-etcd-cluster.ts';
import { operatorSilence } from './operator-silence.ts';
import { isReady, listPods } from './ready-pods.ts';
import { requireExpressible } from './require-expressible.ts';
import { type EtcdCluster, type OperatorApi, requireOperator } from './require-operator.ts';
import { servesTls } from './serves-tls.ts';

const API: OperatorApi = {
  apiVersion: ETCD_IO_API,
  crd: 'etcdclusters.operator.etcd.io',
  installing: 'install the etcd operator, which brings it: github.com/etcd-io/etcd-operator, docs/install.md',
};

const PVC = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const;

/** Clusters as an EtcdCluster of the official operator, which makes a StatefulSet and the headless service. */
export const etcdIoBackend: KubernetesBackend = {
  title: 'an EtcdCluster of the etcd operator',
  clusterObjects(plan) {
    requireExpressible(plan, etcdIoProblems(plan));
    return etcdIoObjects(plan);
  },
  kinds: [
    { apiVersion: ETCD_IO_API, kind: 'EtcdCluster' },
    { apiVersion: 'v1', kind: 'Service' },
    { apiVersion: 'v1', kind: 'Secret' },
  ],
  dataKinds: [PVC],
  podLabels: ({ config }) => etcdIoLabels(config.name),
  container: 'etcd',
  rules: [
    {
      apiGroups: ['operator.etcd.io'],
      resources: ['etcdclusters'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['create', 'patch'] },
    { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['get', 'list', 'watch'] },
  ],
  async obstacles(kube, plan, signal) {
    const children = (['Service', 'StatefulSet'] as const).map((kind) => ({ kind, name: plan.config.name }));
    const missing = await requireOperator(kube, plan, API, children, signal);
    return missing.length > 0 ? missing : await leftovers(kube, plan, signal);
  },
  consequence: (standing, wanted) => judgeEtcdCluster(standing, wanted, []),
  readiness: etcdIoReadiness,
};

/**
 * The operator begins every cluster with one member, and one that finds its old data waits for the others for ever; a
 * member that it adds and that finds the data of one that left is not let in.
 */
async function leftovers(kube: Kube, { config, namespace }: KubernetesPlan, signal?: AbortSignal): Promise<Obstacle[]> {
  const { name } = config;
  const ref = { apiVersion: ETCD_IO_API, kind: 'EtcdCluster', name, namespace };
  const [cluster, claims] = await Promise.all([
    kube.get<EtcdCluster<unknown>>(ref, { signal }),
    kube.list({ ...PVC, namespace, labels: clusterLabels(name) }, { signal }),
  ]);
  const size = Number(cluster?.spec?.size ?? 0);
  const running = Array.from({ length: size }, (_, i) => claimName(`${name}-${i}`));
  const names = claims.map(({ metadata }) => metadata?.name ?? '').filter((claim) => !running.includes(claim));
  const isWanted = config.members.some((member) => names.includes(claimName(member.name)));
  if (!isWanted) return [];
  const reason = `claims of an earlier cluster ${name} are there (${names.join(', ')}), and the etcd operator can't take their data up`;
  const hint =
    cluster === undefined
      ? `etcdperf harness:delete ${name} --data removes them`
      : `kubectl -n ${namespace} delete pvc ${names.join(' ')}`;
  return [{ reason, hint }];
}

interface EtcdIoStatus {
  readonly observedGeneration?: number;
  readonly members?: readonly { readonly name?: string; readonly isHealthy?: boolean; readonly isLearner?: boolean }[];
}

async function etcdIoReadiness(kube: Kube, plan: KubernetesPlan, signal?: AbortSignal): Promise<Readiness> {
  const { config, namespace } = plan;
  const wanted = config.members.length;
  const not = (awaited: string, hopeless?: Obstacle): Readiness => ({
    ...{ ready: 0, wanted, done: false, awaited },
    ...(hopeless !== undefined && { hopeless }),
  });
  const ref = { apiVersion: ETCD_IO_API, kind: 'EtcdCluster', name: config.name, namespace };
  const [cluster, pods] = await Promise.all([
    kube.get<EtcdCluster<EtcdIoStatus>>(ref, { signal }),
    listPods(kube, namespace, etcdIoLabels(config.name), signal),
  ]);
  if (cluster === undefined) return not('its EtcdCluster is not there');
  const { status, metadata } = cluster;
  if (plan.tls !== undefined && pods.some((pod) => !servesTls(pod))) return not('members with TLS', PLAIN);
  if (status?.observedGeneration === undefined && pods.length === 0) {
    const hint = 'is the etcd operator running, and does its log say why not?';
    return not('the operator to take it up', await operatorSilence(kube, plan, cluster, { hint, signal }));
  }
  const healthy = (status?.members ?? []).filter(({ isHealthy, isLearner }) => isHealthy && !isLearner);
  const alive = new Set(pods.filter(isReady).map((pod: Pod) => pod.metadata?.name));
  const ready = healthy.filter(({ name }) => alive.has(name)).length;
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  const done = isSeen && ready === wanted && status?.members?.length === wanted && pods.length === wanted;
  const hopeless = pods.length < wanted ? await refusedPods(kube, plan, signal) : undefined;
  return { ready, wanted, done, awaited: `${ready} of ${wanted} members are ready`, ...(hopeless && { hopeless }) };
}

async function refusedPods(kube: Kube, { config, namespace }: KubernetesPlan, signal?: AbortSignal) {
  const ref = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: config.name, namespace };
  const set = await kube.get<StatefulSet>(ref, { signal });
  return set === undefined ? undefined : podsRefused(kube, ref, set.metadata?.uid, signal);
}

/** So it is up to 0.2.0 at least: https://github.com/etcd-io/etcd-operator/issues/371 */
const PLAIN: Obstacle = {
  reason: 'this release of the etcd operator takes certificates, but runs its members without them: in plain text',
  hint: 'harness:delete it, and leave tls out; or use operator: coreos, or backend: statefulset',
};
