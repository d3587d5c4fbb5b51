import { EtcdperfError } from '@etcdperf/core/errors';
import { type ClusterAccess, surveyCluster, type UpEndpoint } from '@etcdperf/core/etcd';
import { databaseGrowth } from '@etcdperf/core/workload';
import type { KeyTotals } from './key-totals.ts';

/** A member's database file. */
export interface MemberDatabase {
  readonly member: string;
  /** What the file takes on its disk. */
  readonly fileBytes: number;
  /** What of the file is in use; the rest is free for what is written next. */
  readonly inUseBytes: number;
}

/** What members' databases are filled with. */
export interface DatabaseShare {
  readonly members: readonly MemberDatabase[];
  /** Of the one that has most in use. */
  readonly fileBytes: number;
  readonly inUseBytes: number;
  /** Free pages within the file: a defragmentation gives them back. */
  readonly freeBytes: number;
  /** About what the keys that were added up take in it: each once, with what etcd and its database add to it. */
  readonly liveBytes: number;
  /** The rest of what is in use: revisions before, deletions, half filled pages. Undefined where not all keys were added up. */
  readonly historyBytes: number | undefined;
}

/** @param isAll whether these are all keys of the cluster, with their sizes */
export function databaseShare(
  members: readonly MemberDatabase[],
  { keys, bytes }: Pick<KeyTotals, 'keys' | 'bytes'>,
  isAll: boolean,
): DatabaseShare | undefined {
  const fullest = members.toSorted((one, other) => other.inUseBytes - one.inUseBytes)[0];
  if (fullest === undefined) return undefined;
  const { fileBytes, inUseBytes } = fullest;
  const liveBytes = Math.min(inUseBytes, Math.round(databaseGrowth(keys, bytes)));
  return {
    members,
    fileBytes,
    inUseBytes,
    freeBytes: Math.max(0, fileBytes - inUseBytes),
    liveBytes,
    historyBytes: isAll ? inUseBytes - liveBytes : undefined,
  };
}

/** Asks all members that can be reached. Why not, where none tells: a summary needs no right to ask for it. */
export async function memberDatabases(
  access: ClusterAccess,
  signal: AbortSignal,
): Promise<{ readonly members: readonly MemberDatabase[]; readonly why: string | undefined }> {
  try {
    const { members } = await surveyCluster(access, signal);
    return {
      members: members.flatMap(({ name, endpoint, status }) =>
        status.kind === 'up' ? [memberDatabase(name === '' ? endpoint : name, status)] : [],
      ),
      why: undefined,
    };
  } catch (error) {
    if (signal.aborted || !(error instanceof EtcdperfError)) throw error;
    return { members: [], why: error.message };
  }
}

function memberDatabase(member: string, { dbSizeBytes, dbSizeInUseBytes }: UpEndpoint): MemberDatabase {
  return { member, fileBytes: dbSizeBytes, inUseBytes: dbSizeInUseBytes };
}
