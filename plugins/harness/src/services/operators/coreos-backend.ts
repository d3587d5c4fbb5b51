import type { Kube } from '@etcdperf/core/kube';
import { accessServices, serviceNames } from '../kubernetes/client-services.ts';
import type { KubernetesBackend, Readiness } from '../kubernetes/kubernetes-backend.ts';
import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';
import { tlsSecrets } from '../kubernetes/tls-secrets.ts';
import { COREOS_API, coreosCluster, coreosLabels, coreosProblems } from './coreos-cluster.ts';
import { judgeEtcdCluster } from './judge-etcd-cluster.ts';
import { operatorSilence } from './operator-silence.ts';
import { isReady, listPods } from './ready-pods.ts';
import { requireExpressible } from './require-expressible.ts';
import { type EtcdCluster, type OperatorApi, requireOperator } from './require-operator.ts';

const API: OperatorApi = {
  apiVersion: COREOS_API,
  crd: 'etcdclusters.etcd.database.coreos.com',
  installing:
    "coreos' etcd-operator is archived (github.com/coreos/etcd-operator), and the CRD that it makes itself is refused since Kubernetes 1.22: install both by hand, or use operator: etcd-io, or backend: statefulset",
};

const SILENT =
  "is coreos' etcd-operator running, and for this namespace? One for all namespaces wants kubernetes.annotations: {etcd.database.coreos.com/scope: clusterwide}";

/** Clusters as an EtcdCluster of coreos' operator, which makes the pods, `<name>-client` and the headless service. */
export const coreosBackend: KubernetesBackend = {
  title: "an EtcdCluster of coreos' operator",
  clusterObjects(plan) {
    requireExpressible(plan, coreosProblems(plan));
    // Last what makes the members: they need the rest.
    return [...tlsSecrets(plan), ...accessServices(plan, coreosLabels(plan.config.name)), coreosCluster(plan)];
  },
  kinds: [
    { apiVersion: COREOS_API, kind: 'EtcdCluster' },
    { apiVersion: 'v1', kind: 'Service' },
    { apiVersion: 'v1', kind: 'Secret' },
  ],
  dataKinds: [],
  doomedClaims: ({ config }) => coreosLabels(config.name),
  podLabels: ({ config }) => coreosLabels(config.name),
  container: 'etcd',
  rules: [
    {
      apiGroups: ['etcd.database.coreos.com'],
      resources: ['etcdclusters'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
  ],
  async obstacles(kube, plan, signal) {
    const { headless, client } = serviceNames(plan.config.name);
    const children = [headless, client].map((name) => ({ kind: 'Service', name }) as const);
    return requireOperator(kube, plan, API, children, signal);
  },
  consequence: (standing, wanted) => judgeEtcdCluster(standing, wanted, ['version']),
  readiness: coreosReadiness,
};

interface CoreosStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly members?: { readonly ready?: readonly string[]; readonly unready?: readonly string[] };
  readonly currentVersion?: string;
  readonly targetVersion?: string;
}

async function coreosReadiness(kube: Kube, plan: KubernetesPlan, signal?: AbortSignal): Promise<Readiness> {
  const { config, namespace } = plan;
  const wanted = config.members.length;
  const not = (awaited: string, hopeless?: Readiness['hopeless']): Readiness => ({
    ...{ ready: 0, wanted, done: false, awaited },
    ...(hopeless !== undefined && { hopeless }),
  });
  const ref = { apiVersion: COREOS_API, kind: 'EtcdCluster', name: config.name, namespace };
  const [cluster, pods] = await Promise.all([
    kube.get<EtcdCluster<CoreosStatus>>(ref, { signal }),
    listPods(kube, namespace, coreosLabels(config.name), signal),
  ]);
  if (cluster === undefined) return not('its EtcdCluster is not there');
  const { status } = cluster;
  if (!status?.phase)
    return not('the operator to take it up', await operatorSilence(kube, plan, cluster, { hint: SILENT, signal }));
  if (status.phase === 'Failed')
    return not('nothing any more', {
      reason: `coreos' operator has given it up: ${status.reason || 'it does not say why'}`,
      hint: `its log says more; etcdperf harness:delete ${config.name}, then deploy it anew`,
    });
  const alive = new Set(pods.filter(isReady).map(({ metadata }) => metadata?.name));
  const ready = status.members?.ready?.filter((name) => alive.has(name)).length ?? 0;
  const isUpgraded = status.currentVersion === config.version && !status.targetVersion;
  const done = status.phase === 'Running' && ready === wanted && pods.length === wanted && isUpgraded;
  const awaited =
    ready === wanted && !isUpgraded
      ? `all members in version ${config.version}`
      : `${ready} of ${wanted} members are ready`;
  return { ready, wanted, done, awaited };
}
