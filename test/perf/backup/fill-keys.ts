import { randomBytes } from 'node:crypto';
import { WireClient } from '@etcdperf/core/wire';

/** Bytes of one transaction: etcd takes 1.5 MB. */
const TXN_BYTES = 256 * 1024;
/** etcd's own limit. */
const TXN_PUTS = 128;
const AT_ONCE = 16;

export interface KeysToFill {
  readonly keys: number;
  readonly valueBytes: number;
}

/** Writes so many keys with random values, in letters. */
export async function fillKeys(endpoints: readonly string[], { keys, valueBytes }: KeysToFill): Promise<void> {
  await using client = await WireClient.connect({ endpoints, requestTimeoutMs: 60_000 });
  const pool = randomBytes(1 << 20).toString('base64');
  const puts = Math.max(1, Math.min(TXN_PUTS, Math.floor(TXN_BYTES / valueBytes)));
  let next = 0;
  const work = async () => {
    while (next < keys) {
      const from = next;
      next = Math.min(keys, from + puts);
      await client.txn({
        success: Array.from({ length: next - from }, (_, index) => {
          const at = ((from + index) * 7919) % (pool.length - valueBytes);
          const key = `/perf/node-${String((from + index) % 1000).padStart(4, '0')}/key-${from + index}`;
          return { kind: 'put', key, value: pool.slice(at, at + valueBytes) } as const;
        }),
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
