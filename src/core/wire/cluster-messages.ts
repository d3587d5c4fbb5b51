import { loadGeneratedCodec } from './generated-codec.ts';

export interface ClusterMember {
  readonly id: bigint;
  /** Empty until the member has started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface MemberStatus {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly revision: number;
  readonly version: string;
  /** Bytes allocated and in use. */
  readonly dbSize: number;
  readonly dbSizeInUse: number;
  /** Member id; 0n: it knows none. */
  readonly leader: bigint;
  readonly raftTerm: number;
  readonly raftIndex: number;
  readonly raftAppliedIndex: number;
  readonly errors: readonly string[];
  readonly isLearner: boolean;
}

type Int64 = number | { toString(): string } | null | undefined;
const exact = (value: Int64): bigint => BigInt(value?.toString() ?? 0);
const count = (value: Int64): number => Number(value?.toString() ?? 0);

/** A function that reads a MemberListResponse. */
export async function memberListReader(): Promise<(bytes: Uint8Array) => ClusterMember[]> {
  const { MemberListResponse } = await loadGeneratedCodec();
  return (bytes) =>
    (MemberListResponse.decode(bytes).members ?? []).map((member) => ({
      id: exact(member.ID),
      name: member.name ?? '',
      peerUrls: member.peerURLs ?? [],
      clientUrls: member.clientURLs ?? [],
      isLearner: member.isLearner ?? false,
    }));
}

/** A function that reads a StatusResponse. */
export async function statusReader(): Promise<(bytes: Uint8Array) => MemberStatus> {
  const { StatusResponse } = await loadGeneratedCodec();
  return (bytes) => {
    const status = StatusResponse.decode(bytes);
    return {
      clusterId: BigInt.asUintN(64, exact(status.header?.clusterId)),
      memberId: BigInt.asUintN(64, exact(status.header?.memberId)),
      revision: count(status.header?.revision),
      version: status.version ?? '',
      dbSize: count(status.dbSize),
      dbSizeInUse: count(status.dbSizeInUse),
      leader: BigInt.asUintN(64, exact(status.leader)),
      raftTerm: count(status.raftTerm),
      raftIndex: count(status.raftIndex),
      raftAppliedIndex: count(status.raftAppliedIndex),
      errors: status.errors ?? [],
      isLearner: status.isLearner ?? false,
    };
  };
}
