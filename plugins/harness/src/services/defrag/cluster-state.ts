import {
  type ClusterAccess,
  type ClusterLook,
  lookAtMembers,
  type MemberInfo,
  type UpEndpoint,
} from '@etcdperf/core/etcd';

/** A member of a cluster that was looked at. */
export interface StateMember {
  readonly name: string;
  readonly endpoint: string;
  readonly status: UpEndpoint;
}

/** Whether a cluster is so well that one of its members can be taken out of work for a while. */
export type ClusterState =
  | {
      readonly kind: 'well';
      readonly members: readonly StateMember[];
      readonly leader: StateMember;
      readonly isFull: boolean;
    }
  | { readonly kind: 'unwell'; readonly reason: string };

/** How many entries a member may be behind: more than a busy cluster has in flight, less than a snapshot's worth. */
const MAX_LAG = 5000;
const LOOK_MS = 5000;

/** Asks all members. Rejects with the signal's reason only. */
export async function clusterState(access: ClusterAccess, signal?: AbortSignal): Promise<ClusterState> {
  return judgeState(await lookAtMembers(access, { timeoutMs: LOOK_MS, signal }));
}

/** Every member that etcd lists must be among those looked at, well, and not far behind. */
export function judgeState({ looks, health, listed }: ClusterLook): ClusterState {
  const up = looks.flatMap(({ status }) => (status.kind === 'up' ? [status] : []));
  const missing = listed.filter(({ id }) => !up.some(({ memberId }) => memberId === id));
  const down = looks.filter(({ status, read }) => status.kind === 'down' || read !== undefined);
  const lost = health.leader === undefined || down.length * 2 >= looks.length;
  if (lost) return { kind: 'unwell', reason: `the cluster has no quorum: ${reasons(health.problems)}` };
  if (down.length > 0) return { kind: 'unwell', reason: `not all members are well: ${reasons(health.problems)}` };
  if (missing.length > 0)
    return { kind: 'unwell', reason: `${missing.map(memberTitle).join(', ')}: can't be reached from here` };
  const others = health.alarms.filter(({ alarm }) => alarm !== 'NOSPACE');
  if (others.length > 0) return { kind: 'unwell', reason: reasons(others.map(({ alarm }) => `alarm ${alarm}`)) };
  const committed = Math.max(...up.map(({ raftIndex }) => raftIndex));
  const behind = up.find(({ raftAppliedIndex }) => committed - raftAppliedIndex > MAX_LAG);
  if (behind !== undefined)
    return {
      kind: 'unwell',
      reason: `${nameOf(behind, listed)} is ${committed - behind.raftAppliedIndex} entries behind`,
    };
  const members = up.map((status) => ({ name: nameOf(status, listed), endpoint: status.endpoint, status }));
  const leader = members.find(({ status }) => status.memberId === health.leader);
  if (leader === undefined) return { kind: 'unwell', reason: "the leader can't be reached from here" };
  return {
    kind: 'well',
    members,
    leader,
    isFull: health.alarms.length > 0,
  };
}

function reasons(problems: readonly string[]): string {
  return problems.length === 0 ? 'no leader' : problems.join('; ');
}

function memberTitle({ name, id }: MemberInfo): string {
  return name === '' ? `member ${id}` : name;
}

function nameOf({ memberId, endpoint }: UpEndpoint, listed: readonly MemberInfo[]): string {
  const name = listed.find(({ id }) => id === memberId)?.name ?? '';
  return name === '' ? endpoint : name;
}
