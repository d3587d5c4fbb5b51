import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube, Pod } from '@etcdperf/core/kube';
import type { KubernetesBackend, Obstacle, Readiness } from './kubernetes-backend.ts';
import type { KubernetesPlan } from './kubernetes-plan.ts';
import { isReady, type MemberTrouble, memberTroubles, tellTroubles } from './member-troubles.ts';

export interface WaitForMembers {
  readonly timeoutMs: number;
  /** How long a trouble that could pass (no node, no volume yet) may last. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/** Without any change, the members are looked at this often: controllers and events tell more than pods do. */
const LOOK_EVERY_MS = 1000;
const ALMOST_THERE_MS = 100;

/** Why members won't become ready. */
export interface WaitObstacle extends Obstacle {
  /** Members that others know, and that have no data any more. */
  readonly lost: readonly string[];
}

/** Waits until all members are ready. Resolves to why they won't be, or undefined when they are. */
export async function waitForMembers(
  kube: Kube,
  backend: KubernetesBackend,
  plan: KubernetesPlan,
  { timeoutMs, patienceMs, signal, onStep }: WaitForMembers,
): Promise<WaitObstacle | undefined> {
  const begin = performance.now();
  const deadline = begin + timeoutMs;
  const done = new AbortController();
  const isOver = AbortSignal.any([done.signal, ...(signal === undefined ? [] : [signal])]);
  let pods: readonly Pod[] = [];
  let wake = () => {};
  const query = { apiVersion: 'v1', kind: 'Pod', labels: backend.podLabels(plan), namespace: plan.namespace };
  let broken: unknown;
  const following = kube
    .follow<Pod>(
      query,
      (items) => {
        pods = [...items.values()];
        wake();
      },
      isOver,
    )
    .catch((error: unknown) => {
      broken = error;
      wake();
    });
  // The same trouble without a break since then.
  let troubled: { readonly since: number } | undefined;
  try {
    for (;;) {
      if (broken !== undefined) throw broken;
      const { promise: changed, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const readiness = await backend.readiness(kube, plan, signal);
      if (readiness.done) return undefined;
      const now = performance.now();
      // In the first moments nothing is wrong yet.
      const troubles = now - begin < LOOK_EVERY_MS ? [] : await memberTroubles(kube, plan, pods, signal);
      troubled = troubles.some(({ isRunning }) => !isRunning) ? (troubled ?? { since: now }) : undefined;
      const isHopeless = readiness.hopeless !== undefined || troubles.some(({ isFinal }) => isFinal);
      if (isHopeless || (troubled !== undefined && now - troubled.since >= patienceMs))
        return obstacleOf(readiness, troubles);
      if (now >= deadline) return timedOut(readiness, troubles, timeoutMs);
      onStep?.(stateOf(readiness, pods, troubles));
      // Its controller hears of the last pod a moment after us.
      const pause = pods.filter(isReady).length >= readiness.wanted ? ALMOST_THERE_MS : LOOK_EVERY_MS;
      await Promise.race([changed, sleep(pause, undefined, { signal }).catch(() => {})]);
      signal?.throwIfAborted();
    }
  } finally {
    done.abort();
    await following;
  }
}

/** `waiting: 1 of 3 members are ready, 1 starts, 1 is not scheduled (…)`. */
function stateOf({ awaited }: Readiness, pods: readonly Pod[], troubles: readonly MemberTrouble[]): string {
  const count = (is: (pod: Pod) => boolean) => pods.filter(is).length;
  const unscheduled = count((pod) => pod.spec?.nodeName === undefined);
  const parts = [
    ...(unscheduled > 0 ? [`${unscheduled} not on a node yet`] : []),
    ...troubles.slice(0, 1).map(({ reason }) => reason.split('\n', 1)[0]!),
  ];
  return `waiting: ${[awaited, ...parts].join('; ')}`;
}

function obstacleOf({ hopeless, awaited }: Readiness, troubles: readonly MemberTrouble[]): WaitObstacle {
  if (hopeless !== undefined) return { ...hopeless, lost: [] };
  const final = troubles.filter(({ isFinal }) => isFinal);
  return told(awaited, final.length > 0 ? final : troubles);
}

function timedOut({ awaited }: Readiness, troubles: readonly MemberTrouble[], timeoutMs: number): WaitObstacle {
  const hint = 'a longer --timeout, or harness:logs for what the members say';
  return { hint, ...told(`${awaited} after ${timeoutMs / 1000} s`, troubles) };
}

function told(awaited: string, troubles: readonly MemberTrouble[]): WaitObstacle {
  const hint = troubles.find((trouble) => trouble.hint !== undefined)?.hint;
  const lost = troubles.filter(({ hasLostData }) => hasLostData).map(({ pod }) => pod);
  return { reason: [awaited, ...tellTroubles(troubles)].join('\n'), lost, ...(hint !== undefined && { hint }) };
}
