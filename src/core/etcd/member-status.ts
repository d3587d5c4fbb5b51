import type { IStatusResponse } from 'etcd3';
import type { ClusterMember, MemberStatus } from '../wire/index.ts';

/** A member as etcd lists it. A member that has not started has no name and no client URLs. */
export interface MemberInfo {
  /** Hexadecimal, as etcdctl shows it. */
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

/** What one endpoint says of itself. */
export interface UpEndpoint {
  readonly kind: 'up';
  readonly endpoint: string;
  readonly clusterId: string;
  readonly memberId: string;
  readonly version: string;
  /** Allocated by the database file, and really in use. */
  readonly dbSizeBytes: number;
  readonly dbSizeInUseBytes: number;
  /** The member id of the leader it follows; undefined while there is none. */
  readonly leader: string | undefined;
  readonly isLeader: boolean;
  readonly isLearner: boolean;
  readonly revision: number;
  readonly raftTerm: number;
  readonly raftIndex: number;
  readonly raftAppliedIndex: number;
  readonly errors: readonly string[];
}

export type EndpointStatus = UpEndpoint | { readonly kind: 'down'; readonly endpoint: string; readonly error: string };

/** etcd3 gives 64-bit ids as decimal text; etcd's own tools show them in hexadecimal. */
export function hexId(decimal: string): string {
  return BigInt(decimal).toString(16);
}

export function upEndpoint(endpoint: string, response: IStatusResponse): UpEndpoint {
  const memberId = hexId(response.header.member_id);
  const leader = response.leader === '0' ? undefined : hexId(response.leader);
  return {
    kind: 'up',
    endpoint,
    clusterId: hexId(response.header.cluster_id),
    memberId,
    version: response.version,
    dbSizeBytes: Number(response.dbSize),
    dbSizeInUseBytes: Number(response.dbSizeInUse),
    leader,
    isLeader: leader === memberId,
    isLearner: response.isLearner,
    revision: Number(response.header.revision),
    raftTerm: Number(response.raftTerm),
    raftIndex: Number(response.raftIndex),
    raftAppliedIndex: Number(response.raftAppliedIndex),
    errors: response.errors,
  };
}

/** The same as the wire client tells it. */
export function upFromWire(endpoint: string, status: MemberStatus): UpEndpoint {
  const memberId = status.memberId.toString(16);
  const leader = status.leader === 0n ? undefined : status.leader.toString(16);
  return {
    kind: 'up',
    endpoint,
    clusterId: status.clusterId.toString(16),
    memberId,
    version: status.version,
    dbSizeBytes: status.dbSize,
    dbSizeInUseBytes: status.dbSizeInUse,
    leader,
    isLeader: leader === memberId,
    isLearner: status.isLearner,
    revision: status.revision,
    raftTerm: status.raftTerm,
    raftIndex: status.raftIndex,
    raftAppliedIndex: status.raftAppliedIndex,
    errors: status.errors,
  };
}

export function memberInfo({ id, ...member }: ClusterMember): MemberInfo {
  return { id: id.toString(16), ...member };
}
