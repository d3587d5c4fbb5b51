import type { ClusterAccess } from '@etcdperf/core/etcd';
import { connectWire } from './connect-wire.ts';

/** What a member says of its data. */
export type MemberHash =
  | { readonly endpoint: string; readonly hash: number; readonly compactRevision: number }
  | { readonly endpoint: string; readonly problem: string };

/** Whether all members hold the same. */
export interface HashComparison {
  readonly revision: number;
  readonly members: readonly MemberHash[];
  readonly verdict:
    | 'equal'
    /** Data differ: the cluster is corrupt. */
    | 'different'
    /** A member did not answer, or they are compacted to different revisions, so that hashes say nothing. */
    | 'unclear';
}

/** Asks every member for the hash of its data at one and the same revision. Never rejects for a member's sake. */
export async function compareHashes(access: ClusterAccess): Promise<HashComparison> {
  await using client = await connectWire(access);
  const { revision } = (await client.range('\0', { countOnly: true })).header;
  const members = await Promise.all(
    access.endpoints.map((endpoint) => hashOf({ ...access, endpoints: [endpoint] }, revision)),
  );
  return { revision, members, verdict: judge(members) };
}

async function hashOf(access: ClusterAccess, revision: number): Promise<MemberHash> {
  const endpoint = access.endpoints[0]!;
  try {
    await using client = await connectWire(access);
    // A member has applied that revision when it has answered a linearizable read.
    await client.range('\0', { countOnly: true });
    const { hash, compactRevision } = await client.hashKv(revision);
    return { endpoint, hash, compactRevision };
  } catch (error) {
    return { endpoint, problem: (error as Error).message };
  }
}

function judge(members: readonly MemberHash[]): HashComparison['verdict'] {
  const hashes = members.filter((member) => 'hash' in member);
  const isComparable = new Set(hashes.map(({ compactRevision }) => compactRevision)).size === 1;
  if (isComparable && new Set(hashes.map(({ hash }) => hash)).size > 1) return 'different';
  return isComparable && hashes.length === members.length ? 'equal' : 'unclear';
}
