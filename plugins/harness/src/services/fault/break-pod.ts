import { InputError } from '@etcdperf/core/errors';
import type { PodMember } from '../members/cluster-members.ts';
import { endPod } from '../members/end-pod.ts';
import type { Broken, FaultOptions } from './run-fault.ts';

/** What to do instead, as far as there is something. */
const INSTEAD = {
  pause: 'kill it; or pause it on its node, as a process',
  cut: 'a NetworkPolicy cuts pods off where the network enforces it, but nobody would undo it if this command died',
  'slow-disk': 'slow down the disk of its node',
  'fill-disk':
    'the kubelet would evict every pod of a node whose disk is full; a small quota (--quota-backend-bytes) fills soon',
  skew: 'put the clock of its node wrong',
} as const;

/**
 * Kills a member in a pod; its controller starts it again when it likes. Throws InputError for all else: it would need
 * rights on the node, and a timer there that undoes it.
 */
export async function breakPod(member: PodMember, options: FaultOptions): Promise<Broken> {
  const { spec, recoverMs, signal, onStep } = options;
  if (spec.kind !== 'kill')
    throw new InputError(`${spec.kind} is not done to pods: it can't be undone for certain from outside the node`, {
      where: `${member.namespace}/${member.pod}`,
      hint: INSTEAD[spec.kind],
    });
  onStep?.(`kill: ${member.name}`);
  const began = Date.now();
  let wasInterrupted = false;
  const heldMs = await endPod(member, 'crash', { timeoutMs: recoverMs, signal, onStep }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
    wasInterrupted = true;
    return undefined;
  });
  const at = (ms: number) => ({ at: new Date(ms).toISOString(), errorMs: 0 });
  return {
    outcome: { kind: wasInterrupted ? 'interrupted' : 'ended' },
    method: 'its controller starts it again when it likes: --for is not kept; times are of this machine',
    began: at(began),
    ended: heldMs === undefined ? undefined : at(began + heldMs),
    heldMs: heldMs === undefined ? undefined : Math.round(heldMs),
  };
}
