import { prefixEnd, type WireClient, WireError } from '@etcdperf/core/wire';

export interface Recovered {
  readonly keys: number;
  /** Of keys and values. */
  readonly bytes: number;
  readonly ms: number;
}

const pageSize = 500;

/**
 * Reads everything under `prefix` page by page, all pages at the first one's revision, as a new master does to know its
 * predecessor's state. Returns undefined when `signal` was aborted in between.
 */
export async function recoverStore(
  client: WireClient,
  prefix: string,
  signal: AbortSignal,
): Promise<Recovered | undefined> {
  const startMs = performance.now();
  for (;;) {
    try {
      const read = await readAll(client, prefix, signal);
      return read && { ...read, ms: performance.now() - startMs };
    } catch (error) {
      // The revision was compacted while it was read: begin anew, at a new one. The time counts from the first start.
      if (!(error instanceof WireError && error.reason === 'compacted')) throw error;
    }
  }
}

async function readAll(
  client: WireClient,
  prefix: string,
  signal: AbortSignal,
): Promise<Omit<Recovered, 'ms'> | undefined> {
  const rangeEnd = prefixEnd(prefix);
  let key: Buffer = Buffer.from(prefix);
  let revision = 0;
  let keys = 0;
  let bytes = 0;
  while (!signal.aborted) {
    const page = await client.range(key, { rangeEnd, limit: pageSize, revision });
    for (const kv of page.kvs) bytes += kv.key.length + kv.value.length;
    keys += page.kvs.length;
    const last = page.kvs.at(-1);
    if (!page.more || !last) return { keys, bytes };
    revision ||= page.header.revision;
    key = Buffer.concat([last.key, Buffer.of(0)]);
  }
  return undefined;
}
