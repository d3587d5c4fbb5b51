import { hostname, userInfo } from 'node:os';
import { InputError } from '@etcdperf/core/errors';
import type { MemberPlan, MemberSite } from '@etcdperf/core/etcd';
import type { ClusterMember } from '../members/cluster-members.ts';
import type { FaultSpec } from './fault-spec.ts';

/** What this machine itself needs to go on working, this command included. */
const OWN_DISK_LEAVE = 1024 ** 3;

/** The disk of a cluster on this machine is this machine's own. Throws InputError. */
export function refuseOwnDisk(spec: FaultSpec, { executor }: MemberSite): void {
  if (spec.kind !== 'fill-disk' || executor.kind !== 'local' || spec.leaveBytes >= OWN_DISK_LEAVE) return;
  throw new InputError('the disk is the one that this machine itself works on', {
    where: '--leave',
    hint: 'leave 1g or more, or fill the disk of a host (lab:up makes some)',
  });
}

/** Packets between members of one address look alike: who sent them can't be told. Throws InputError. */
export function refuseIndistinct(spec: FaultSpec, plan: MemberPlan, peers: readonly MemberPlan[]): void {
  if (spec.kind !== 'cut' || spec.from === 'clients') return;
  const same = peers.filter(({ address }) => address === plan.address);
  if (same.length === 0) return;
  throw new InputError(
    `${plan.name} can't be cut from its peers: ${same.map(({ name }) => name).join(', ')} on ${plan.address}, too`,
    {
      where: '--from',
      hint: '--from clients can be done, and pause looks the same to the other members',
    },
  );
}

/** What the figures don't say. */
export function notesOn(spec: FaultSpec, victim: ClusterMember, others: readonly ClusterMember[]): string[] {
  const notes: string[] = [];
  if (spec.kind === 'fill-disk' || spec.kind === 'slow-disk') {
    const shared = others.filter((one) => hostOf(one) === hostOf(victim)).map(({ name }) => name);
    if (spec.kind === 'fill-disk' && shared.length > 0)
      notes.push(`${shared.join(', ')} share the host, and the disk if their data is on the same one`);
  }
  if (spec.kind === 'skew')
    notes.push(
      'only programs that start while the clock is wrong, and ask the C library for the time, see it: etcd itself does neither',
    );
  if (others.length === 0) notes.push('a cluster of one has nobody who takes over');
  return notes;
}

export function whoAmI(): string {
  return `${userInfo().username}@${hostname()}`;
}

function hostOf(member: ClusterMember): string | undefined {
  return member.kind === 'process' ? member.plan.host : member.node;
}
