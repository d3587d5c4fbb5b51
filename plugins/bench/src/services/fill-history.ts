import type { KeySpace } from '@etcdperf/core/workload';
import { makeValueSource, type ValueKind } from '@etcdperf/core/workload';
import { connectWire } from './connect-wire.ts';
import { keyBytes, keyOf } from './key-space.ts';
import type { BenchSite } from './run-bench.ts';

export interface HistoryOptions {
  /** Of each key. */
  readonly versions: number;
  readonly values: ValueKind;
  readonly valueBytes: number;
}

/** etcd's --max-txn-ops, unless it is set; and a request may have 1.5 MiB. */
const TXN_KEYS = 128;
const TXN_BYTES = 1_000_000;

/**
 * Writes every key of a key space so many times, in transactions. Resolves with the revisions between which every key
 * has a version.
 */
export async function fillHistory(
  site: BenchSite,
  space: KeySpace,
  { versions, values: kind, valueBytes }: HistoryOptions,
): Promise<{ fromRevision: number; toRevision: number }> {
  const { signal } = site;
  await using client = await connectWire(site.settings.access, signal);
  const values = makeValueSource(kind, valueBytes, site.settings.plan.seed);
  const perTxn = Math.max(1, Math.min(TXN_KEYS, Math.floor(TXN_BYTES / (valueBytes + keyBytes(space) + 64))));
  const write = (first: number) => {
    const count = Math.min(perTxn, space.size - first);
    const puts = Array.from({ length: count }, (_, index) => {
      const value = Buffer.alloc(valueBytes);
      values.write(value, 0);
      return { kind: 'put', key: keyOf(space, first + index), value } as const;
    });
    return client.txn({ success: puts });
  };
  let fromRevision = 0;
  let toRevision = 0;
  for (let version = 1; version <= versions; version += 1) {
    // One transaction writes other keys than the next, so that a version of the whole space is in flight at once.
    for (let first = 0; first < space.size; first += perTxn * 16) {
      // Between them, so that none is under way when a clean-up begins.
      signal.throwIfAborted();
      const firsts = Array.from({ length: 16 }, (_, index) => first + index * perTxn).filter((at) => at < space.size);
      for (const result of await Promise.allSettled(firsts.map(write))) {
        if (result.status === 'rejected') throw result.reason;
        toRevision = Math.max(toRevision, result.value.header.revision);
      }
    }
    if (version === 1) fromRevision = toRevision;
    if (version % 50 === 0) site.onStep(`filling: version ${version} of ${versions} of ${space.size} keys`);
  }
  return { fromRevision, toRevision };
}
