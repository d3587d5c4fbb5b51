import type { Kube } from '@etcdperf/core/kube';
import { ownPodLabels } from './cluster-labels.ts';
import type { KubernetesBackend } from './kubernetes-backend.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';
import type { LookedAtObject } from './look-at-cluster.ts';
import { removeObjects } from './remove-objects.ts';

interface ApplyChoices {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
  /** Told of each object that stands as wanted now. */
  readonly onApplied: (look: LookedAtObject) => void;
}

/**
 * Applies what is absent or differs, the last object (what makes the members) after all others. What has to be made anew
 * is removed with its pods before.
 */
export async function applyChanges(
  kube: Kube,
  backend: KubernetesBackend,
  plan: KubernetesPlan,
  looks: readonly LookedAtObject[],
  { timeoutMs, signal, onStep, onApplied }: ApplyChoices,
): Promise<void> {
  const anew = looks.flatMap((look) => {
    if (look.kind !== 'changed' || look.consequence?.kind !== 'asks') return [];
    return look.consequence.anew === true ? [look.standing] : [];
  });
  if (anew.length > 0) {
    onStep?.('removing the members, to make them anew');
    await removeObjects(kube, anew, {
      pods: ownPodLabels(backend, plan),
      namespace: plan.namespace,
      timeoutMs,
      signal,
      onStep,
    });
  }
  const due = looks.filter((look) => look.kind === 'absent' || look.kind === 'changed');
  const apply = async (look: LookedAtObject) => {
    await kube.apply(look.wanted, { force: true, signal });
    onApplied(look);
  };
  if (due.length > 0) onStep?.(`applying ${due.length} objects`);
  const last = looks.at(-1);
  await settled(due.filter((look) => look !== last).map(apply));
  await settled(due.filter((look) => look === last).map(apply));
}

/** Waits for all, so that it is known what stands, and then throws the first failure. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
