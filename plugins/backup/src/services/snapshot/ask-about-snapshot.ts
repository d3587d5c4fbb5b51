import { type WireClient, WireError } from '@etcdperf/core/wire';
import type { DatabaseFacts } from './read-database.ts';

/** The hash of a large database takes the member seconds. */
const TIMEOUT_MS = 120_000;

/** What the member that gave a snapshot says of its revision. */
export interface MemberWord {
  readonly hashKv: number | undefined;
  readonly keys: number | undefined;
  /** Why something is missing. */
  readonly notes: readonly string[];
}

/**
 * Asks for what a snapshot's own file doesn't tell: the hash that a cluster restored from it must have, and how many keys
 * there were. The snapshot is good without: nothing but the signal's reason is thrown.
 */
export async function askAboutSnapshot(
  client: WireClient,
  { revision, compactRevision }: DatabaseFacts,
  signal: AbortSignal | undefined,
): Promise<MemberWord> {
  const limits = { timeoutMs: TIMEOUT_MS, signal };
  try {
    const { hash, compactRevision: compacted } = await client.hashKv(revision, limits);
    const { count } = await client.range('\0', {
      ...limits,
      rangeEnd: '\0',
      countOnly: true,
      serializable: true,
      revision,
    });
    // Versions that were compacted away since are not part of the member's hash, but of the snapshot.
    // A member whose data was never compacted says -1.
    if (Math.max(0, compacted) === compactRevision) return { hashKv: hash, keys: count, notes: [] };
    const note = `it was compacted at ${compacted} meanwhile: no hash to compare a restored cluster with`;
    return { hashKv: undefined, keys: count, notes: [note] };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof WireError)) throw error;
    const note = `no hash to compare a restored cluster with: ${error.message}`;
    return { hashKv: undefined, keys: undefined, notes: [note] };
  }
}
