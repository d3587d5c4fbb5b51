import { InputError, OperationError } from '@etcdperf/core/errors';
import { KubeError, type Pod, podTroubles } from '@etcdperf/core/kube';
import type { PodMember } from './cluster-members.ts';

export interface EndPodOptions {
  /** How long the member may take to be ready again. */
  readonly timeoutMs: number;
  /** Ends the wait, not what was begun: Kubernetes starts the member whether or not somebody waits. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/** Where a member's data is, seen from its pod. */
type DataPlace = 'outside the pod' | 'in the pod' | 'in the container';

/**
 * Has a member ended and waits until it is ready again. A pod whose data is outside is made anew: evicted, so that its
 * disruption budget is kept, or with `crash` removed at once. Where the data would go with the pod, etcd is ended inside
 * it, and the kubelet starts it again in place. Returns milliseconds. Throws InputError, before anything is touched, for
 * members that would lose their data.
 */
export async function endPod(member: PodMember, how: 'gently' | 'crash', options: EndPodOptions): Promise<number> {
  const { kube, namespace, pod: name } = member;
  const ref = { apiVersion: 'v1', kind: 'Pod', name, namespace };
  const before = await kube.get<Pod>(ref);
  if (before === undefined) throw new OperationError('its pod is gone', { where: `${namespace}/${name}` });
  const place = dataPlace(before);
  if (before.spec?.restartPolicy === 'Never')
    throw new InputError(`${name} would not start again: its operator makes a new, empty member instead`, {
      where: `${namespace}/${name}`,
      hint: 'members of a StatefulSet, ours or of operator etcd-io, are started again',
    });
  if (place === 'in the container')
    throw new InputError(`${name} would lose its data: nothing of it is outside its container`, {
      where: `${namespace}/${name}`,
      hint: 'give the cluster storage that outlives containers',
    });
  const begun = performance.now();
  if (place === 'in the pod') await endInside(member, how);
  else if (how === 'crash') await kube.remove(ref, { uid: before.metadata?.uid, graceSeconds: 0 });
  else await evict(member, before);
  const restarts = restartsOf(before, member.container);
  await kube.waitUntil<Pod, true>(
    { apiVersion: 'v1', kind: 'Pod', namespace, fields: { 'metadata.name': name } },
    (items) => {
      const now = items.get(name);
      if (now === undefined) return `${name}: its controller has not made a new pod yet`;
      const isOther = now.metadata?.uid !== before.metadata?.uid || restartsOf(now, member.container) > restarts;
      if (!isOther) return `${name} to end`;
      if (now.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true)
        return { done: true };
      return `${name} to be ready${podTroubles(now, [])
        .map((trouble) => `; ${trouble}`)
        .join('')}`;
    },
    {
      timeoutMs: options.timeoutMs,
      signal: options.signal,
      onState: (text) => options.onStep?.(`waiting for ${text}`),
    },
  );
  return performance.now() - begun;
}

async function evict(member: PodMember, { metadata }: Pod): Promise<void> {
  const { kube, namespace, pod: name } = member;
  try {
    await kube.evict({ name, namespace });
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.status === 429)
      throw new OperationError(`its disruption budget does not allow it now: ${error.message}`, {
        where: `${namespace}/${name}`,
        hint: 'wait until all pods of the cluster are ready',
        cause: error,
      });
    // Whoever may not evict may often remove: etcdperf has made sure that the others are well.
    if (error.status !== 403) throw error;
    await kube.remove({ apiVersion: 'v1', kind: 'Pod', name, namespace }, { uid: metadata?.uid });
  }
}

/**
 * The kernel keeps signals that a container's first process doesn't handle from reaching it: no SIGKILL from inside. By
 * SIGQUIT a Go program ends at once and in the middle of everything, by SIGTERM as it should.
 */
async function endInside({ kube, namespace, pod, container }: PodMember, how: 'gently' | 'crash'): Promise<void> {
  const kill = `kill -${how === 'crash' ? 'QUIT' : 'TERM'} 1`;
  const where = `${namespace}/${pod}`;
  const hint = 'members of a claim, NFS or host path are restarted without a shell';
  try {
    const { code, stderr } = await kube.exec({ name: pod, namespace }, ['sh', '-c', kill], {
      container,
      timeoutMs: 30_000,
    });
    // 137 and the like: the shell went down together with the container.
    if (code !== 0 && code < 128)
      throw new OperationError(`etcd could not be ended: ${stderr.trim()}`, { where, hint });
  } catch (error) {
    // Not started at all: no shell, or no right to. Any other break is the container's end.
    if (error instanceof KubeError)
      throw new OperationError(error.message, { where, hint: error.hint ?? hint, cause: error });
    if (error instanceof OperationError && error.hint === hint) throw error;
  }
}

function restartsOf(pod: Pod, container: string): number {
  return pod.status?.containerStatuses?.find(({ name }) => name === container)?.restartCount ?? 0;
}

function dataPlace({ spec }: Pod): DataPlace {
  const volumes = spec?.volumes ?? [];
  const isOutside = volumes.some((volume) => volume.persistentVolumeClaim ?? volume.nfs ?? volume.hostPath);
  if (isOutside) return 'outside the pod';
  return volumes.some(({ emptyDir }) => emptyDir !== undefined) ? 'in the pod' : 'in the container';
}
