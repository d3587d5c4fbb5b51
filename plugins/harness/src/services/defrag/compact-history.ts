import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterAccess, lookAtMembers } from '@etcdperf/core/etcd';
import { WireClient, WireError } from '@etcdperf/core/wire';
import type { Compaction } from './defrag-report.ts';

const COMPACT_TIMEOUT_MS = 120_000;
/** Compaction frees batch by batch with pauses of 10 ms (etcd's default): so long without progress is its end. */
const QUIET_MS = 500;

export interface CompactOptions {
  /** The newest revision. */
  readonly revision: number;
  /** So many revisions stay readable. */
  readonly keep: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Forgets all revisions but the last ones, and waits until every member has freed what that frees: a defragmentation
 * that comes before would win nothing. Rejects with a WireError, or with the signal's reason.
 */
export async function compactHistory(access: ClusterAccess, options: CompactOptions): Promise<Compaction> {
  const { keep, signal } = options;
  const revision = options.revision - keep;
  if (revision < 1) return { kind: 'needless', revision: Math.max(0, revision) };
  await using client = await WireClient.connect(access, signal);
  try {
    await client.compact(revision, { physical: true, timeoutMs: COMPACT_TIMEOUT_MS, signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof WireError && error.reason === 'compacted') return { kind: 'needless', revision };
    throw error;
  }
  await freed(access, signal);
  return { kind: 'compacted', revision };
}

async function freed(access: ClusterAccess, signal: AbortSignal | undefined): Promise<void> {
  const inUse = async () => {
    const { looks } = await lookAtMembers(access, { timeoutMs: 5000, signal });
    return looks.map(({ status }) => (status.kind === 'up' ? status.dbSizeInUseBytes : 0));
  };
  for (let before = await inUse(), deadline = Date.now() + COMPACT_TIMEOUT_MS; Date.now() < deadline; ) {
    await sleep(QUIET_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    const now = await inUse();
    if (now.every((bytes, index) => bytes >= before[index]!)) return;
    before = now;
  }
}
