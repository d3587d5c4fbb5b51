import { measureClock } from '@etcdperf/core/clock';
import type { ClusterMember } from '../members/cluster-members.ts';
import type { MemberClock } from './logs-report.ts';

/**
 * How wrong each member's times can be against another host's, by the members' names. Nothing for members on this
 * machine, which share its clock, for pods, whose nodes' clocks can't be asked, and for hosts that don't answer.
 */
export async function memberClocks(
  members: readonly ClusterMember[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, MemberClock>> {
  const hosts = new Map<string, Promise<MemberClock | undefined>>();
  const clocks = new Map<string, MemberClock>();
  const clockOf = (member: ClusterMember) => {
    if (member.kind !== 'process' || member.site.executor.kind === 'local') return undefined;
    const { executor } = member.site;
    const known = hosts.get(executor.name);
    if (known !== undefined) return known;
    const measured = measureClock(executor, { signal }).then(
      ({ source, offsetMs, errorBarMs }) => ({ source, offsetMs, errorBarMs }),
      () => undefined,
    );
    hosts.set(executor.name, measured);
    return measured;
  };
  await Promise.all(
    members.map(async (member) => {
      const clock = await clockOf(member);
      if (clock !== undefined) clocks.set(member.name, clock);
    }),
  );
  return clocks;
}
