import { InputError } from '@etcdperf/core/errors';
import type { ClusterMembers, PodMember } from '../members/cluster-members.ts';
import type { Broken, FaultOptions } from './run-fault.ts';

export async function breakPod(_cluster: ClusterMembers, member: PodMember, options: FaultOptions): Promise<Broken> {
  throw new InputError(`${options.spec.kind} is not done to pods yet`, { where: member.pod });
}
