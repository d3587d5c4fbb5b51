import type { Kube, Secret } from '@etcdperf/core/kube';
import { clusterMeta } from '../kubernetes/cluster-labels.ts';
import type { Obstacle } from '../kubernetes/kubernetes-backend.ts';
import type { KubernetesPlan } from '../kubernetes/kubernetes-plan.ts';
import type { EtcdCluster } from './require-operator.ts';

/** Operators see a new cluster within a second; one that has just been moved to another node within half a minute. */
const SILENCE_MS = 60_000;

/**
 * Set where no operator has touched a cluster for a minute. Both clocks are the API server's: this machine's may be off
 * by more than that.
 */
export async function operatorSilence(
  kube: Kube,
  plan: KubernetesPlan,
  cluster: EtcdCluster<unknown>,
  options: { readonly hint: string; readonly signal?: AbortSignal | undefined; readonly afterMs?: number },
): Promise<Obstacle | undefined> {
  const { hint, signal, afterMs = SILENCE_MS } = options;
  const probe: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...clusterMeta(plan, `${plan.config.name}-clock`) },
  };
  // Stores nothing; what it tells is when it would have been made.
  const { metadata } = await kube.apply(probe, { dryRun: true, signal });
  const silentMs =
    Date.parse(metadata?.creationTimestamp ?? '') - Date.parse(cluster.metadata?.creationTimestamp ?? '');
  if (!(silentMs >= afterMs)) return undefined;
  return { reason: `no operator has taken up EtcdCluster ${plan.config.name}: it has no status`, hint };
}
