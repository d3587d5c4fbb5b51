import type { ProtoReader } from '../protobuf/index.ts';
import { NO_HEADER, readHeader } from './kv.ts';

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

export function readMemberList(reader: ProtoReader): ClusterMember[] {
  const members: ClusterMember[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) members.push(reader.message(readMember));
    else reader.skip();
  }
  return members;
}

export function readStatus(reader: ProtoReader): MemberStatus {
  let header = NO_HEADER;
  const errors: string[] = [];
  const status = {
    version: '',
    dbSize: 0,
    dbSizeInUse: 0,
    leader: 0n,
    raftTerm: 0,
    raftIndex: 0,
    raftAppliedIndex: 0,
    errors,
    isLearner: false,
  };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = reader.message(readHeader);
    else if (field === 2) status.version = reader.text();
    else if (field === 3) status.dbSize = reader.number();
    else if (field === 4) status.leader = reader.uint64();
    else if (field === 5) status.raftIndex = reader.number();
    else if (field === 6) status.raftTerm = reader.number();
    else if (field === 7) status.raftAppliedIndex = reader.number();
    else if (field === 8) errors.push(reader.text());
    else if (field === 9) status.dbSizeInUse = reader.number();
    else if (field === 10) status.isLearner = reader.boolean();
    else reader.skip();
  }
  const { clusterId, memberId, revision } = header;
  return { clusterId, memberId, revision, ...status };
}

function readMember(reader: ProtoReader): ClusterMember {
  const peerUrls: string[] = [];
  const clientUrls: string[] = [];
  const member = { id: 0n, name: '', peerUrls, clientUrls, isLearner: false };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) member.id = reader.uint64();
    else if (field === 2) member.name = reader.text();
    else if (field === 3) peerUrls.push(reader.text());
    else if (field === 4) clientUrls.push(reader.text());
    else if (field === 5) member.isLearner = reader.boolean();
    else reader.skip();
  }
  return member;
}
