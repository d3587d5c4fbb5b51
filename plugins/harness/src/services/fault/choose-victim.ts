import { didYouMean, InputError, OperationError } from '@etcdperf/core/errors';
import type { ClusterMember } from '../members/cluster-members.ts';

/**
 * The member that `wanted` means: a name, `leader`, or `follower` (the first that doesn't lead). Throws InputError where
 * there is no such member, OperationError where nobody leads.
 */
export function chooseVictim(
  members: readonly ClusterMember[],
  wanted: string,
  leader: string | undefined,
): ClusterMember {
  const named = members.find(({ name }) => name === wanted);
  if (named !== undefined) return named;
  const known = members.map(({ name }) => name);
  if (wanted !== 'leader' && wanted !== 'follower')
    throw new InputError(`there is no member '${wanted}'`, {
      hint: didYouMean(wanted, ['leader', 'follower', ...known]) ?? `leader, follower, or one of ${known.join(', ')}`,
    });
  if (leader === undefined)
    throw new OperationError('the cluster has no leader that all follow', {
      where: known.join(', '),
      hint: 'name the member',
    });
  const found = members.find(({ name }) => (name === leader) === (wanted === 'leader'));
  if (found === undefined) throw new InputError('the cluster has no follower', { where: known.join(', ') });
  return found;
}
