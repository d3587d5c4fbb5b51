import { OperationError } from '@etcdperf/core/errors';
import type { PodMember } from '../members/cluster-members.ts';

/** Has a member's pod made anew. Returns how long it took, in milliseconds. */
export async function restartPod(member: PodMember): Promise<number> {
  throw new OperationError('pods are not restarted yet', { where: member.pod });
}
