import { OperationError } from '@etcdperf/core/errors';
import {
  type ClusterAccess,
  resolveTarget,
  type SurveyedMember,
  surveyCluster,
  type Target,
} from '@etcdperf/core/etcd';

/**
 * The members to take a snapshot from, in the order in which to try them: those of the target; where none is named first
 * those that follow, as the leader has enough to do. Rejects as `resolveTarget` does.
 */
export async function chooseMembers(
  access: ClusterAccess,
  target: Target | undefined,
  signal?: AbortSignal,
): Promise<readonly SurveyedMember[]> {
  if (target !== undefined && target.kind !== 'all') {
    const { members } = await resolveTarget(access, target, signal);
    return members.filter(isUp);
  }
  const { members } = await surveyCluster(access, signal);
  const able = members.filter((member) => isUp(member) && !isLearner(member));
  const others = able.filter(({ status }) => status.kind === 'up' && !status.isLeader);
  const found = [...others, ...able.filter((member) => !others.includes(member))];
  if (found.length > 0) return found;
  throw new OperationError('no member can give a snapshot', { where: access.endpoints.join(', ') });
}

function isUp({ status }: SurveyedMember): boolean {
  return status.kind === 'up';
}

function isLearner({ status }: SurveyedMember): boolean {
  return status.kind === 'up' && status.isLearner;
}
