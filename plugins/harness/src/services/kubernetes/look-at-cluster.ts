import { type Kube, KubeError } from '@etcdperf/core/kube';
import { clusterLabels, isOfCluster } from './cluster-labels.ts';
import type { ClusterObject } from './cluster-object.ts';
import type { Consequence, KubernetesBackend, Obstacle } from './kubernetes-backend.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';
import { isSameObject } from './object-diff.ts';

/** One object of the cluster to be, and what stands under its name. */
export type LookedAtObject = { readonly wanted: ClusterObject } & (
  | { readonly kind: 'absent' }
  /** Not this cluster's. */
  | { readonly kind: 'foreign'; readonly standing: ClusterObject }
  | { readonly kind: 'unchanged'; readonly standing: ClusterObject }
  | {
      readonly kind: 'changed';
      readonly standing: ClusterObject;
      /** What it would become, as the API server told; as it was wanted where that refused. */
      readonly preview: ClusterObject;
      readonly consequence: Consequence | undefined;
    }
);

export interface Look {
  /** In the order in which they are applied. */
  readonly objects: readonly LookedAtObject[];
  /** Of this cluster, and wanted no more. */
  readonly surplus: readonly ClusterObject[];
  /** Claims that hold data of this cluster already. */
  readonly claims: readonly ClusterObject[];
  /** Why nothing can be applied. */
  readonly obstacles: readonly Obstacle[];
}

interface LookAround {
  readonly kube: Kube;
  readonly backend: KubernetesBackend;
  readonly plan: KubernetesPlan;
  readonly signal?: AbortSignal | undefined;
}

/** Looks at everything that a deployment would touch, and lets the API server try it without storing anything. */
export async function lookAtCluster(around: LookAround): Promise<Look> {
  const { kube, backend, plan, signal } = around;
  const wanted = backend.clusterObjects(plan);
  const obstacles = (await backend.obstacles?.(kube, plan, signal)) ?? [];
  // Without its kinds, the API server can't be asked for any.
  if (obstacles.length > 0) return { objects: [], surplus: [], claims: [], obstacles };
  const [looks, ours, claims] = await Promise.all([
    Promise.all(wanted.map((object) => lookAt(object, around))),
    ownObjects(backend.kinds, around),
    lookAtClaims(around),
  ]);
  const isWanted = (one: ClusterObject) =>
    wanted.some(({ kind, metadata }) => kind === one.kind && metadata.name === one.metadata.name);
  return {
    objects: looks.map(({ look }) => look),
    surplus: ours.filter((one) => !isWanted(one)),
    claims: claims.own,
    obstacles: [...looks.flatMap(({ obstacle }) => obstacle ?? []), ...claims.obstacles],
  };
}

/** Everything of these kinds that carries the cluster's labels. */
export async function ownObjects(
  kinds: KubernetesBackend['kinds'],
  { kube, plan, signal }: Omit<LookAround, 'backend'>,
): Promise<ClusterObject[]> {
  const { name } = plan.config;
  const lists = await Promise.all(
    kinds.map(async ({ apiVersion, kind, clusterWide }) => {
      const where = clusterWide ? {} : { namespace: plan.namespace };
      const query = { apiVersion, kind, labels: clusterLabels(name), ...where };
      // Of a kind whose operator was removed, there is nothing left.
      const found = await kube.list(query, { signal }).catch((error: unknown) => {
        if (error instanceof KubeError && error.reason === 'NotInstalled') return [];
        throw error;
      });
      return found.map((object) => ({ ...object, apiVersion, kind }) as ClusterObject);
    }),
  );
  return lists.flat().filter((object) => isOfCluster(object, name));
}

async function lookAt(
  wanted: ClusterObject,
  { kube, backend, plan, signal }: LookAround,
): Promise<{ look: LookedAtObject; obstacle?: Obstacle }> {
  const { apiVersion, kind, metadata } = wanted;
  const { name, namespace } = metadata;
  const [standing, preview] = await Promise.all([
    kube.get({ apiVersion, kind, name, namespace }, { signal }) as Promise<ClusterObject | undefined>,
    kube.apply(wanted, { dryRun: true, force: true, signal }).catch((error: unknown) => {
      if (error instanceof KubeError && isAboutTheObject(error)) return error;
      throw error;
    }),
  ]);
  if (standing !== undefined && !isOfCluster(standing, plan.config.name))
    return { look: { wanted, kind: 'foreign', standing } };
  if (standing === undefined) {
    const look = { wanted, kind: 'absent' } as const;
    return preview instanceof KubeError ? { look, obstacle: obstacleOf(preview, namespace) } : { look };
  }
  if (preview instanceof KubeError) {
    const consequence = backend.consequence(standing, wanted, plan);
    const look = { wanted, kind: 'changed', standing, preview: wanted, consequence } as const;
    // A change that needs the object made anew, or is told to be impossible, has its own words.
    const isExplained = consequence?.kind === 'impossible' || (consequence?.kind === 'asks' && consequence.anew);
    return isExplained ? { look } : { look, obstacle: obstacleOf(preview, namespace) };
  }
  if (isSameObject(standing, preview)) return { look: { wanted, kind: 'unchanged', standing } };
  const consequence = backend.consequence(standing, preview, plan);
  return { look: { wanted, kind: 'changed', standing, preview, consequence } };
}

/** The API server's words; the same for all objects where their namespace is missing. */
function obstacleOf({ message, hint, status }: KubeError, namespace: string | undefined): Obstacle {
  if (status === 404 && namespace !== undefined && message.endsWith(`namespaces "${namespace}" not found`))
    return { reason: `there is no namespace ${namespace}`, hint: `kubectl create namespace ${namespace}` };
  return { reason: message, hint };
}

/** Refused for what it says (or where it is to be), not for who asks: invalid, against a policy, no such namespace. */
function isAboutTheObject({ status, message }: KubeError): boolean {
  return (
    status === 422 ||
    status === 400 ||
    status === 404 ||
    (status === 403 && /quota|violates|denied the request/.test(message))
  );
}

/** A StatefulSet takes whatever claim has the right name. */
async function lookAtClaims({ kube, backend, plan, signal }: LookAround) {
  const own = await ownObjects(backend.dataKinds, { kube, plan, signal });
  const names = new Set(backend.claimNames?.(plan) ?? []);
  for (const { metadata } of own) names.delete(metadata.name);
  const obstacles = await Promise.all(
    [...names].map(async (name): Promise<Obstacle[]> => {
      const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace: plan.namespace };
      if ((await kube.get(ref, { signal })) === undefined) return [];
      const hint = 'give the cluster another name, or remove the claim yourself';
      return [{ reason: `the claim ${name} is there already, and not of this cluster`, hint }];
    }),
  );
  return { own, obstacles: obstacles.flat() };
}
