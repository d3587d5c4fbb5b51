import type { Contents } from '../contents/contents.ts';
import type { KeyRecord } from '../contents/key-record.ts';

/** A key with its value, and whatever else is of interest. */
export function recordOf(key: string | Buffer, value: string | Buffer, more: Partial<KeyRecord> = {}): KeyRecord {
  const bytes = Buffer.from(value);
  return {
    key: Buffer.from(key),
    value: bytes,
    valueSize: bytes.length,
    createRevision: 2,
    modRevision: 2,
    version: 1,
    lease: 0n,
    ttlSeconds: undefined,
    ...more,
  };
}

/** Contents that are in memory, in batches of that many keys, in the order in which they are given. */
export function contentsOf(
  records: readonly KeyRecord[],
  { name = 'memory', batch = 3 }: { readonly name?: string; readonly batch?: number } = {},
): Contents {
  return {
    origin: { name, revision: undefined, clusterId: undefined, prefixes: [] },
    async *batches() {
      for (let at = 0; at < records.length; at += batch) yield records.slice(at, at + batch);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
