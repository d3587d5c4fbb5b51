import { OperationError } from '@etcdperf/core/errors';
import { type Kube, KubeError, type Service } from '@etcdperf/core/kube';
import type { ClusterObject } from './cluster-object.ts';

/** etcd's log is on disk before it answers: ending it at once loses nothing. */
const LAST_GRACE_SECONDS = 3;

interface RemoveChoices {
  /** Pods with these labels have to be gone too. */
  readonly pods?: Readonly<Record<string, string>> | undefined;
  readonly namespace: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/**
 * Removes these very objects (by uid: one made anew meanwhile stays) and waits until they, and the pods, are gone.
 * Throws OperationError naming what is left after `timeoutMs`.
 */
export async function removeObjects(
  kube: Kube,
  objects: readonly ClusterObject[],
  { pods, namespace, timeoutMs, signal, onStep }: RemoveChoices,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  await Promise.all(
    objects.map(async ({ apiVersion, kind, metadata }) => {
      const { name, namespace, uid } = metadata;
      const ref = { apiVersion, kind, name, namespace };
      await kube.remove(ref, { uid, propagation: 'Background', signal }).catch(ignoreConflict);
    }),
  );
  const left = () => Math.max(1, deadline - Date.now());
  if (pods !== undefined) {
    await waitForOwners(pods);
    await hurry(pods);
    await kube.waitUntil(
      { apiVersion: 'v1', kind: 'Pod', labels: pods, namespace },
      (items) => (items.size === 0 ? { done: true } : `${items.size} members are ending`),
      { timeoutMs: left(), signal, onState: onStep },
    );
  }
  for (const { apiVersion, kind, metadata } of objects) await waitGone(apiVersion, kind, metadata);
  await waitForServices(new Set(objects.map(({ metadata }) => metadata.uid)));

  /** An operator's services go a little after its cluster: whoever takes them up for a new one would lose them. */
  async function waitForServices(uids: ReadonlySet<string | undefined>) {
    const found = await kube.list<Service>({ apiVersion: 'v1', kind: 'Service', namespace }, { signal });
    for (const { metadata } of found) {
      const { name = '', uid = '', ownerReferences } = metadata ?? {};
      if (ownerReferences?.some((owner) => uids.has(owner.uid)))
        await waitGone('v1', 'Service', { name, namespace, uid });
    }
  }

  /** An operator's StatefulSet goes a little after its cluster; until then it would make pods, and claims, anew. */
  async function waitForOwners(labels: Readonly<Record<string, string>>) {
    const found = await kube.list({ apiVersion: 'v1', kind: 'Pod', labels, namespace }, { signal });
    const owners = new Map(
      found.flatMap(({ metadata }) => metadata?.ownerReferences ?? []).map((owner) => [owner.uid, owner]),
    );
    for (const { apiVersion, kind, name, uid } of owners.values())
      await waitGone(apiVersion, kind, { name, namespace, uid });
  }

  /** A leader that ends with all others looks in vain for a successor, for longer than anybody wants to wait. */
  async function hurry(labels: Readonly<Record<string, string>>) {
    const query = { apiVersion: 'v1', kind: 'Pod', labels, namespace };
    for (const { metadata } of await kube.list(query, { signal })) {
      const { name = '', uid } = metadata ?? {};
      const ref = { apiVersion: 'v1', kind: 'Pod', name, namespace };
      await kube.remove(ref, { uid, graceSeconds: LAST_GRACE_SECONDS, signal }).catch(ignoreConflict);
    }
  }

  async function waitGone(apiVersion: string, kind: string, { name, namespace, uid }: ClusterObject['metadata']) {
    const ref = { apiVersion, kind, name, namespace };
    const isThere = (one: { metadata?: { uid?: string } } | undefined) =>
      one !== undefined && one.metadata?.uid === uid;
    if (!isThere(await kube.get(ref, { signal }))) return;
    onStep?.(`${kind} ${name} is ending`);
    await kube
      .waitUntil<{ metadata?: { uid?: string } } & object, true>(
        { apiVersion, kind, namespace, fields: { 'metadata.name': name } },
        (items) => ([...items.values()].some(isThere) ? `${kind} ${name} to be gone` : { done: true }),
        { timeoutMs: left(), signal },
      )
      .catch(async (error: unknown) => {
        if (!(error instanceof OperationError) || error instanceof KubeError) throw error;
        const held = (await kube.get(ref, { signal }))?.metadata?.finalizers ?? [];
        const why = held.length > 0 ? `: held by ${held.join(', ')}` : '';
        throw new OperationError(`${kind} ${name} is still there after ${timeoutMs / 1000} s${why}`, { cause: error });
      });
  }
}

/** Somebody has made another one under its name. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof KubeError && error.status === 409)) throw error;
}
