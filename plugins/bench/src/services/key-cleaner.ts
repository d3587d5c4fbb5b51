import type { Bytes, WireClient } from '@etcdperf/core/wire';
import type { KeySpace } from '@etcdperf/core/workload';
import { connectWire } from './connect-wire.ts';
import { isOfSpace, rangeOf } from './key-space.ts';
import type { BenchSite, BenchWork } from './run-bench.ts';

const PAGE_KEYS = 10_000;
/** etcd's --max-txn-ops, unless it is set. */
const TXN_KEYS = 128;
const TXNS_AT_ONCE = 16;

/** Keys that a run may have created: those of `[key, rangeEnd)` that have the form of its own. */
export interface OwnKeys {
  readonly key: Bytes;
  readonly rangeEnd: Bytes;
  readonly has: (key: Buffer) => boolean;
}

/** As `rangeCleaner()`, for the keys of a key space. */
export function keyCleaner(keys: KeySpace): Required<Pick<BenchWork, 'prepare' | 'cleanUp'>> {
  return rangeCleaner({ ...rangeOf(keys), has: (key) => isOfSpace(keys, key) });
}

/**
 * The parts of a `BenchWork` that delete the keys which the run itself created, and no other: neither keys that were
 * there before (they were overwritten and stay), nor keys of another form among them.
 */
export function rangeCleaner(keys: OwnKeys): Required<Pick<BenchWork, 'prepare' | 'cleanUp'>> {
  let startRevision = 0;
  return {
    async prepare(site) {
      if (!site.settings.isCleanedUp) return;
      await using client = await connectWire(site.settings.access, site.signal);
      startRevision = (await client.range(keys.key, { countOnly: true })).header.revision;
    },
    async cleanUp(site) {
      // Stopped before the load began: nothing is written.
      if (startRevision > 0) await deleteKeys(site, keys, startRevision);
    },
  };
}

async function deleteKeys(site: BenchSite, keys: OwnKeys, startRevision: number): Promise<void> {
  await using client = await connectWire(site.settings.access);
  const { rangeEnd } = keys;
  let from = keys.key;
  for (;;) {
    const page = await client.range(from, { rangeEnd, limit: PAGE_KEYS, keysOnly: true });
    const written = page.kvs.filter(({ key, createRevision }) => createRevision > startRevision && keys.has(key));
    await deleteAll(
      client,
      written.map(({ key }) => key),
    );
    const last = page.kvs.at(-1);
    if (!page.more || last === undefined) return;
    site.onStep(`cleaning up, at ${last.key.toString()}`);
    from = Buffer.concat([last.key, Buffer.of(0)]);
  }
}

async function deleteAll(client: WireClient, keys: readonly Buffer[]): Promise<void> {
  const txns = Array.from({ length: Math.ceil(keys.length / TXN_KEYS) }, (_, index) =>
    keys.slice(index * TXN_KEYS, (index + 1) * TXN_KEYS),
  );
  for (let at = 0; at < txns.length; at += TXNS_AT_ONCE) {
    const batch = txns.slice(at, at + TXNS_AT_ONCE);
    await Promise.all(batch.map((part) => client.txn({ success: part.map((key) => ({ kind: 'delete', key })) })));
  }
}
