import type { Kube, StatefulSet } from '@etcdperf/core/kube';
import type { Obstacle, Readiness } from '../kubernetes-backend.ts';
import type { KubernetesPlan } from '../kubernetes-plan.ts';

/** How far a StatefulSet is, as its controller tells. */
export async function statefulsetReadiness(
  kube: Kube,
  { config, namespace }: KubernetesPlan,
  signal?: AbortSignal,
): Promise<Readiness> {
  const ref = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: config.name, namespace };
  const set = await kube.get<StatefulSet>(ref, { signal });
  const wanted = config.members.length;
  if (set === undefined) return { ready: 0, wanted, done: false, awaited: 'its StatefulSet is not there' };
  const status = set.status;
  const isSeen = (status?.observedGeneration ?? 0) >= (set.metadata?.generation ?? 0);
  const ready = isSeen ? (status?.readyReplicas ?? 0) : 0;
  const isRolledOut =
    set.spec?.updateStrategy?.type === 'OnDelete' || status?.currentRevision === status?.updateRevision;
  const updated = status?.updatedReplicas ?? 0;
  const awaited =
    ready === wanted && !isRolledOut
      ? `${updated} of ${wanted} members are restarted`
      : `${ready} of ${wanted} members are ready`;
  const hopeless =
    (status?.replicas ?? 0) < wanted ? await podsRefused(kube, ref, set.metadata?.uid, signal) : undefined;
  return { ready, wanted, done: isSeen && ready === wanted && isRolledOut, awaited, ...(hopeless && { hopeless }) };
}

/** Pods (or claims) that the API server doesn't let the controller make: a quota, a policy. */
export async function podsRefused(
  kube: Kube,
  { kind, name, namespace }: { readonly kind: string; readonly name: string; readonly namespace: string },
  uid: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Obstacle | undefined> {
  const events = await kube.events({ kind, name, namespace, ...(uid !== undefined && { uid }) }, { signal });
  const last = events.findLast(({ type, reason }) => type === 'Warning' && reason === 'FailedCreate')?.message;
  if (last === undefined) return undefined;
  const said = last.replace(/^create (Pod|Claim) (\S+) in StatefulSet \S+ failed error: /, 'can’t make $1 $2: ');
  const hint = /exceeded quota|must specify/.test(said)
    ? 'ask for less (kubernetes.resources, storage), or for a larger quota of the namespace'
    : /violates PodSecurity/.test(said)
      ? 'kubernetes.runAsUser other than 0 and a claim or emptyDir as storage are what the strictest level allows'
      : undefined;
  return { reason: said, hint };
}
