import { explainPods, type Kube, type Pod } from '@etcdperf/core/kube';
import type { PodState } from './status-report.ts';

/** @param container the one that etcd runs in */
export function podState(pod: Pod, container: string, troubles: readonly string[] = []): PodState {
  const statuses = pod.status?.containerStatuses ?? [];
  const status = statuses.find(({ name }) => name === container) ?? statuses[0];
  const ended = status?.lastState?.terminated ?? status?.state?.terminated;
  return {
    name: pod.metadata?.name ?? '',
    node: pod.spec?.nodeName,
    phase: status?.state?.waiting?.reason ?? pod.status?.phase ?? 'Unknown',
    ready: status?.ready === true,
    restarts: status?.restartCount ?? 0,
    lastEnd:
      ended === undefined
        ? undefined
        : { reason: ended.reason ?? '', exitCode: ended.exitCode, at: ended.finishedAt ?? undefined },
    startedAt: status?.state?.running?.startedAt ?? undefined,
    troubles,
  };
}

/** The same, with the reasons of those that don't run. Never rejects. */
export async function podStates(kube: Kube, pods: readonly Pod[], container: string): Promise<Map<string, PodState>> {
  const states = pods.map(async (pod) => {
    const plain = podState(pod, container);
    if (plain.ready) return plain;
    return podState(pod, container, await explainPods(kube, [pod]).catch(() => []));
  });
  return new Map((await Promise.all(states)).map((state) => [state.name, state]));
}
