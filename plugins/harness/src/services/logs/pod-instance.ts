import type { ObjectRef, Pod } from '@etcdperf/core/kube';
import type { PodMember } from '../members/cluster-members.ts';

/** A cluster's first pods are made within that time, one after the other. */
const FIRST_MS = 300_000;

/** Which of all containers that ran one after the other. */
export interface PodInstance {
  readonly uid: string;
  readonly restarts: number;
  readonly node: string | undefined;
  readonly createdMs: number;
  /** Undefined where it has not started yet. */
  readonly startedMs: number | undefined;
  readonly isRunning: boolean;
  /** Why it does not run: `CrashLoopBackOff`, `ImagePullBackOff`. */
  readonly waiting: string | undefined;
  /** Whether the container before it is still known. */
  readonly hasPrevious: boolean;
  readonly owner: ObjectRef | undefined;
}

/** The container that a member's pod has now; undefined where there is no pod. */
export async function findInstance(
  member: PodMember,
  signal: AbortSignal | undefined,
): Promise<PodInstance | undefined> {
  const { kube, pod: name, namespace, container } = member;
  const pod = await kube.get<Pod>({ apiVersion: 'v1', kind: 'Pod', name, namespace }, { signal });
  if (pod === undefined) return undefined;
  const status = pod.status?.containerStatuses?.find((one) => one.name === container);
  const started = status?.state?.running?.startedAt ?? status?.state?.terminated?.startedAt;
  return {
    uid: pod.metadata?.uid ?? '',
    restarts: status?.restartCount ?? 0,
    node: pod.spec?.nodeName,
    createdMs: Date.parse(String(pod.metadata?.creationTimestamp)),
    startedMs: started === undefined || started === null ? undefined : Date.parse(String(started)),
    isRunning: status?.state?.running !== undefined,
    waiting: status?.state?.waiting?.reason,
    hasPrevious: status?.lastState?.terminated !== undefined,
    owner: pod.metadata?.ownerReferences?.map(({ apiVersion, kind, name: owner }) => ({
      ...{ apiVersion, kind, name: owner, namespace },
    }))[0],
  };
}

export function isSame(one: PodInstance, other: PodInstance): boolean {
  return one.uid === other.uid && one.restarts === other.restarts;
}

/** It will run in a moment. */
export function isBeginning({ waiting }: PodInstance): boolean {
  return waiting === undefined || waiting === 'ContainerCreating' || waiting === 'PodInitializing';
}

/** Whether the pod came with what owns it, so that there was none before. */
export async function isFirst(
  { kube }: PodMember,
  { owner, createdMs }: PodInstance,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (owner === undefined) return false;
  // Who may read pods may not be allowed to read what owns them.
  const found = await kube.get(owner, { signal }).catch(() => undefined);
  return createdMs - Date.parse(String(found?.metadata?.creationTimestamp)) < FIRST_MS;
}
