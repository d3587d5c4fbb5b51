import { isDeepStrictEqual } from 'node:util';
import { type Kube, KubeError, type KubeObject, type ObjectQuery, openKube } from '@etcdperf/core/kube';

/** An EtcdCluster as a stand-in looks at it. */
export interface EtcdCluster extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>> & { readonly size: number };
  readonly status?: object;
}

/** Where tests are at home. */
export interface TestSpace {
  readonly kubeconfigFile: string;
  readonly namespace: string;
}

export interface Controller {
  readonly apiVersion: string;
  /** Kinds beside EtcdCluster whose changes matter. */
  readonly watched: readonly ObjectQuery[];
  /** Makes what is missing and resolves to the status; told again after every change. */
  reconcile(kube: Kube, cluster: EtcdCluster): Promise<object | undefined>;
}

/** Stands in for an operator in one namespace until it is disposed of, which throws what went wrong meanwhile. */
export async function startController(space: TestSpace, controller: Controller): Promise<AsyncDisposable> {
  const { kubeconfigFile, namespace } = space;
  const kube = await openKube({ kubeconfigFile, namespace });
  const ended = new AbortController();
  const { signal } = ended;
  const query = { apiVersion: controller.apiVersion, kind: 'EtcdCluster' };
  let failure: unknown;
  let isDue = false;
  let working: Promise<void> | undefined;
  const work = async () => {
    while (isDue && !signal.aborted) {
      isDue = false;
      // Read anew each time: followed lists may be older than what was made last.
      for (const cluster of await kube.list<EtcdCluster>(query)) await bringUp(cluster);
    }
  };
  const bringUp = async (cluster: EtcdCluster) => {
    if (cluster.metadata?.deletionTimestamp !== undefined) return;
    const status = await controller.reconcile(kube, cluster);
    if (isDeepStrictEqual(cluster.status, status)) return;
    const ref = { ...query, name: cluster.metadata?.name ?? '' };
    await kube.merge(ref, { status }, { subresource: 'status' }).catch(unless(404));
  };
  const wake = () => {
    isDue = true;
    working ??= work()
      .catch((error: unknown) => {
        if (!signal.aborted) failure ??= error;
      })
      .finally(() => {
        working = undefined;
        if (isDue && !signal.aborted) wake();
      });
  };
  const following = [query, ...controller.watched].map((one) =>
    kube.follow(one, wake, signal).catch((error: unknown) => {
      failure ??= error;
    }),
  );
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await Promise.all(following);
      await working;
      await kube.close();
      if (failure !== undefined) throw failure;
    },
  };
}

/** Makes an object that goes with the cluster, unless it is there. */
export async function ensureChild(kube: Kube, cluster: EtcdCluster, child: KubeObject): Promise<void> {
  const metadata = { ...child.metadata, ownerReferences: [ownerReference(cluster)] };
  await kube.create({ ...child, metadata }).catch(unless(409));
}

export function ownerReference({ apiVersion = '', metadata }: EtcdCluster) {
  const { name = '', uid = '' } = metadata ?? {};
  return { apiVersion, kind: 'EtcdCluster', name, uid, controller: true, blockOwnerDeletion: true };
}

/** Of a promise's failures, all but the API server's refusal with this status. */
export function unless(status: number): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof KubeError && error.status === status)) throw error;
  };
}
