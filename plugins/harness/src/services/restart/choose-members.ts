import { didYouMean, InputError } from '@etcdperf/core/errors';
import type { ClusterMember } from '../members/cluster-members.ts';

/** Which members, and in which order. */
export interface MemberChoice {
  /** Undefined: all. */
  readonly names: readonly string[] | undefined;
  /** The one that leads is put at the end. */
  readonly leaderLast: boolean;
}

/** The members that are meant, in the order in which their turn comes. Throws InputError for a name that none has. */
export function chooseMembers(
  members: readonly ClusterMember[],
  choice: MemberChoice,
  leader: string | undefined,
): readonly ClusterMember[] {
  const known = members.map(({ name }) => name);
  for (const name of choice.names ?? []) {
    if (known.includes(name)) continue;
    throw new InputError(`there is no member '${name}'`, {
      where: '--member',
      hint: didYouMean(name, known) ?? `the members are ${known.join(', ')}`,
    });
  }
  const chosen =
    choice.names === undefined ? members : members.filter(({ name }) => choice.names?.includes(name) === true);
  if (!choice.leaderLast) return chosen;
  return [...chosen.filter(({ name }) => name !== leader), ...chosen.filter(({ name }) => name === leader)];
}
