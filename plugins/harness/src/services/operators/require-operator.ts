import { type Kube, KubeError, type KubeObject, type Service, type StatefulSet } from '@etcdperf/core/kube';
import type { Obstacle } from '../kubernetes/kubernetes-backend.ts';
import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';

/** An EtcdCluster of either operator, as far as it is looked at for both. */
export interface EtcdCluster<Status> extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Status;
}

export interface OperatorApi {
  readonly apiVersion: string;
  /** The custom resource definition's name. */
  readonly crd: string;
  /** How the operator and its CRD come into a cluster. */
  readonly installing: string;
}

/** What an operator makes for a cluster, by name. It would take what somebody else made for its own. */
export type Child = { readonly kind: 'Service' | 'StatefulSet'; readonly name: string };

/** Why an operator can't make this cluster: its CRD is not there, or a name that it will use is taken. */
export async function requireOperator(
  kube: Kube,
  plan: KubernetesPlan,
  { apiVersion, crd, installing }: OperatorApi,
  children: readonly Child[],
  signal?: AbortSignal,
): Promise<Obstacle[]> {
  const { config, namespace } = plan;
  try {
    await kube.get({ apiVersion, kind: 'EtcdCluster', name: config.name, namespace }, { signal });
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== 'NotInstalled') throw error;
    return [{ reason: `the custom resource definition ${crd} is not installed`, hint: installing }];
  }
  const taken = await Promise.all(
    children.map(async ({ kind, name }): Promise<Obstacle[]> => {
      const ref = { apiVersion: kind === 'Service' ? 'v1' : 'apps/v1', kind, name, namespace };
      const standing = await kube.get<Service | StatefulSet>(ref, { signal });
      const owners = standing?.metadata?.ownerReferences ?? [];
      if (standing === undefined || owners.some((one) => one.kind === 'EtcdCluster' && one.name === config.name))
        return [];
      const reason = `the operator would use the ${kind} ${name}, and somebody else made it`;
      return [{ reason, hint: 'give the cluster another name' }];
    }),
  );
  return taken.flat();
}
