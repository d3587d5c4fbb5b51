import type { KubernetesCluster } from '@etcdperf/core/etcd';
import type { AccessCheck, Kube } from '@etcdperf/core/kube';
import { COMMON_RULES } from './access-rules.ts';
import { backendOf } from './backend-of.ts';
import type { ClusterObject } from './cluster-object.ts';
import type { AccessRule, KubernetesBackend } from './kubernetes-backend.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';
import type { AccessReport } from './kubernetes-report.ts';
import { openClusterKube } from './open-cluster-kube.ts';

/** Whether everything is allowed that the cluster's commands need. Nothing is touched. */
export async function checkClusterAccess({ config }: KubernetesCluster, signal?: AbortSignal): Promise<AccessReport> {
  const backend = await backendOf(config);
  await using kube = await openClusterKube(config);
  return await checkAccess(kube, backend, { config, namespace: kube.namespace, tls: undefined }, signal);
}

async function checkAccess(
  kube: Kube,
  backend: KubernetesBackend,
  { config, namespace }: KubernetesPlan,
  signal?: AbortSignal,
): Promise<AccessReport> {
  const rules = [...COMMON_RULES, ...backend.rules];
  const checks = rules.flatMap((rule) => checksOf(rule, namespace));
  const denied = await kube.can(checks, { signal });
  const { context } = kube;
  return {
    cluster: config.name,
    context,
    namespace,
    checked: checks.length,
    denied,
    roles: rolesFor(rules, namespace),
  };
}

/** The Role, and the ClusterRole where one is needed, that allow these rules. */
export function rolesFor(rules: readonly AccessRule[], namespace: string): ClusterObject[] {
  const written = (some: readonly AccessRule[]) =>
    some.map(({ apiGroups, resources, verbs }) => ({ apiGroups, resources, verbs }));
  const role = (kind: 'Role' | 'ClusterRole', some: readonly AccessRule[]): ClusterObject[] => {
    if (some.length === 0) return [];
    const metadata = { name: 'etcdperf', ...(kind === 'Role' && { namespace }) };
    return [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, rules: written(some) }];
  };
  return [
    ...role(
      'Role',
      rules.filter((rule) => rule.clusterWide !== true),
    ),
    ...role(
      'ClusterRole',
      rules.filter((rule) => rule.clusterWide === true),
    ),
  ];
}

function checksOf({ apiGroups, resources, verbs, clusterWide }: AccessRule, namespace: string): AccessCheck[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((one) => {
      const [resource = '', subresource] = one.split('/');
      const sub = subresource === undefined ? {} : { subresource };
      return verbs.map((verb) => ({ verb, group, resource, ...sub, namespace: clusterWide ? '' : namespace }));
    }),
  );
}
