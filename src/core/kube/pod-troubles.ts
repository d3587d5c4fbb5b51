import type { KubeEvent, Pod } from './kube-objects.ts';

/** Why a pod does not run, a sentence each; empty where nothing is known to be wrong. `events` are about this pod. */
export function podTroubles(_pod: Pod, _events: readonly KubeEvent[]): string[] {
  return [];
}
