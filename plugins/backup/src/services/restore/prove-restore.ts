import type { ClusterAccess, MemberPlan } from '@etcdperf/core/etcd';
import { WireClient, WireError } from '@etcdperf/core/wire';

/** The hash of a large database takes a member seconds. */
const TIMEOUT_MS = 120_000;

/** What the members say, and whether it is right. */
export interface RestoreProof {
  /** By the members' names; missing where one didn't tell. */
  readonly hashes: ReadonlyMap<string, number>;
  /** Undefined where all is well. */
  readonly problem: string | undefined;
}

/** What the snapshot's cluster had, as far as it is known. */
export interface ExpectedHash {
  readonly revision: number;
  readonly compactRevision: number;
  readonly hashKv: number | undefined;
}

/** Asks every member for its hash at the snapshot's revision and compares them. Rejects with the signal's reason only. */
export async function proveRestore(
  access: ClusterAccess,
  members: readonly MemberPlan[],
  expected: ExpectedHash,
  signal: AbortSignal | undefined,
): Promise<RestoreProof> {
  const hashes = new Map<string, number>();
  const problems: string[] = [];
  await Promise.all(
    members.map(async ({ name, clientUrl }) => {
      try {
        await using client = await WireClient.connect({ ...access, endpoints: [clientUrl] }, signal);
        const { hash, compactRevision } = await client.hashKv(expected.revision, { signal, timeoutMs: TIMEOUT_MS });
        hashes.set(name, hash);
        // A member that was never compacted says -1.
        if (Math.max(0, compactRevision) !== expected.compactRevision)
          problems.push(`${name} is compacted at ${compactRevision}, the snapshot at ${expected.compactRevision}`);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof WireError)) throw error;
        problems.push(`${name} doesn't tell its hash: ${error.message}`);
      }
    }),
  );
  const different = [...new Set(hashes.values())];
  if (different.length > 1)
    problems.push(
      `the members differ at revision ${expected.revision}: ${[...hashes].map((pair) => pair.join(' ')).join(', ')}`,
    );
  else if (expected.hashKv !== undefined && different.length === 1 && different[0] !== expected.hashKv)
    problems.push(
      `the members' HashKV at revision ${expected.revision} is ${different[0]}; where the snapshot was taken it was ${expected.hashKv}`,
    );
  return { hashes, problem: problems.length === 0 ? undefined : problems.join('; ') };
}
