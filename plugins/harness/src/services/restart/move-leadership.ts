import { OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { ClusterMember } from '../members/cluster-members.ts';
import type { ClusterView } from '../members/cluster-watch.ts';

/**
 * Hands leadership on from `from`, if it leads, to the first of `candidates` that is well: a handed leadership costs
 * clients a few milliseconds, a lost one an election timeout. Returns the new leader's name; undefined where there was
 * nothing to do, or nobody to hand it to.
 */
export async function moveLeadership(
  access: ClusterAccess,
  from: ClusterMember,
  candidates: readonly ClusterMember[],
  view: ClusterView,
): Promise<string | undefined> {
  if (view.leader !== from.name) return undefined;
  const to = candidates.find(({ name }) => {
    const seen = view.members.find((member) => member.name === name);
    return name !== from.name && seen?.problem === undefined && seen?.status?.isLearner === false;
  });
  if (to === undefined) return undefined;
  const { WireClient } = await import('@etcdperf/core/wire');
  const connect = (member: ClusterMember) => WireClient.connect({ ...access, endpoints: [member.clientUrl] });
  try {
    // Its id from itself: 64 bits, which not every client keeps.
    await using target = await connect(to);
    await using leader = await connect(from);
    await leader.moveLeader((await target.status()).memberId);
  } catch (cause) {
    throw new OperationError(`leadership could not be handed on to ${to.name}: ${(cause as Error).message}`, {
      where: from.name,
      cause,
    });
  }
  return to.name;
}
