import type { MemberPlan } from './cluster-plan.ts';
import { type ListeningSocket, type MemberFinding, portConflict } from './inspect-members.ts';
import { differences, type MemberRecord } from './member-record.ts';

/** What a deployment does about one member. */
export type MemberStep =
  | { readonly kind: 'keep'; readonly pid: number; readonly nofile: number }
  /** `fresh`: without data, so that it can be taken back without a trace. */
  | { readonly kind: 'start'; readonly fresh: boolean }
  | { readonly kind: 'restart'; readonly differences: readonly string[] }
  | { readonly kind: 'refuse'; readonly reason: string; readonly hint: string };

export interface Situation {
  readonly member: MemberPlan;
  readonly wanted: MemberRecord;
  readonly finding: MemberFinding;
  readonly listening: readonly ListeningSocket[];
  /** Whether running members may be restarted with other settings. */
  readonly restart: boolean;
}

/** Pure: from what was found to what is to be done. Touching anything of somebody else is never among it. */
export function decideStep({ member, wanted, finding, listening, restart }: Situation): MemberStep {
  const foreign = foreignData(member, wanted, finding);
  const { daemon, record, data } = finding;
  if (daemon.kind === 'running') {
    const different = record === undefined ? ['it is not known what it was started as'] : differences(record, wanted);
    if (different.length === 0) return { kind: 'keep', pid: daemon.pid, nofile: daemon.limits.nofile };
    if (!restart)
      return {
        kind: 'refuse',
        reason: `it runs, and differs: ${different.join('; ')}`,
        hint: 'deploy with --restart to restart such members one after the other, or make it anew with harness:delete',
      };
    return foreign ?? { kind: 'restart', differences: different };
  }
  if (foreign !== undefined) return foreign;
  for (const port of [member.clientPort, member.peerPort]) {
    if (portConflict(listening, member.address, port) !== undefined)
      return {
        kind: 'refuse',
        reason: `port ${port} is in use by another process`,
        hint: `stop it (ss -ltnp 'sport = :${port}' tells which it is), or give the member another port`,
      };
  }
  return { kind: 'start', fresh: data.kind === 'none' };
}

function foreignData(
  member: MemberPlan,
  wanted: MemberRecord,
  { data }: MemberFinding,
): (MemberStep & { kind: 'refuse' }) | undefined {
  const remove = 'remove it with harness:delete --data, or give the member another dataDir';
  switch (data.kind) {
    case 'none':
      return undefined;
    case 'not-a-directory':
      return {
        kind: 'refuse',
        reason: `${member.dataDir} is not a directory`,
        hint: 'give the member another dataDir',
      };
    case 'unmarked':
      return {
        kind: 'refuse',
        reason: `${member.dataDir} holds data of an etcd that etcdperf did not start${data.inUse ? ', and it runs' : ''}`,
        hint: data.inUse ? 'give the member another dataDir' : remove,
      };
    case 'marked': {
      const { marker } = data;
      if (marker.identity === wanted.identity && marker.member === wanted.member) return undefined;
      const whose =
        marker.cluster !== wanted.cluster
          ? `cluster ${marker.cluster}`
          : marker.member !== wanted.member
            ? `member ${marker.member}`
            : `an earlier cluster ${marker.cluster} with other members or addresses`;
      return { kind: 'refuse', reason: `${member.dataDir} holds data of ${whose}`, hint: remove };
    }
    default:
      return data satisfies never;
  }
}
