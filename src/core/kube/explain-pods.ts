import { claimTroubles } from './claim-troubles.ts';
import type { Kube } from './kube.ts';
import type { KubeEvent, PersistentVolumeClaim, Pod } from './kube-objects.ts';
import { crashedContainers, podTroubles } from './pod-troubles.ts';

const LAST_LINES = 5;

/**
 * Why pods are not ready, a line each: what they, their events and claims say, and the last lines of what crashed.
 */
export async function explainPods(
  kube: Kube,
  pods: readonly Pod[],
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  const troubles = await Promise.all(pods.map((pod) => explainPod(kube, pod, signal)));
  // Pods may share a claim.
  return [...new Set(troubles.flat())];
}

async function explainPod(kube: Kube, pod: Pod, signal: AbortSignal | undefined): Promise<string[]> {
  const { name = '', namespace, uid } = pod.metadata ?? {};
  const [events, lastLines] = await Promise.all([
    kube.events({ kind: 'Pod', name, namespace, ...(uid === undefined ? {} : { uid }) }, { signal }),
    lastLinesOf(kube, pod, signal),
  ]);
  const troubles = podTroubles(pod, events, lastLines);
  if (pod.status?.conditions?.some(({ type, status }) => type === 'PodScheduled' && status === 'True')) return troubles;
  return [...troubles, ...(await explainClaims(kube, pod, signal))];
}

async function explainClaims(kube: Kube, pod: Pod, signal: AbortSignal | undefined): Promise<string[]> {
  const { namespace } = pod.metadata ?? {};
  const names = (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []);
  const troubles = await Promise.all(
    names.map(async (name) => {
      const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace };
      const claim = await kube.get<PersistentVolumeClaim>(ref, { signal });
      if (claim === undefined) return [`claim ${name} is not there`];
      const isBound = claim.status?.phase === 'Bound';
      const events: KubeEvent[] = isBound ? [] : await kube.events(ref, { signal });
      return claimTroubles(claim, events);
    }),
  );
  return troubles.flat();
}

async function lastLinesOf(kube: Kube, pod: Pod, signal: AbortSignal | undefined): Promise<Map<string, string[]>> {
  const { name = '', namespace } = pod.metadata ?? {};
  const logs = crashedContainers(pod).map(async ({ name: container, isBeforeLast }) => {
    const options = { container, tail: LAST_LINES, previous: isBeforeLast, signal };
    const lines: string[] = [];
    try {
      for await (const line of kube.logs({ name, namespace }, options)) lines.push(line);
    } catch {
      // Not every container that crashed has a log that can be had still.
    }
    return [container, lines] as const;
  });
  return new Map((await Promise.all(logs)).filter(([, lines]) => lines.length > 0));
}
