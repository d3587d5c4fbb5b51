import type { WireClient } from '@etcdperf/core/wire';
import type { ValueSource } from '@etcdperf/core/workload';

const PUTS_AT_ONCE = 100;

/** Puts a key so often. Resolves with the revisions, ascending; rejects with a WireError. */
export async function writeHistory(
  client: WireClient,
  key: Buffer,
  values: ValueSource,
  count: number,
  signal: AbortSignal,
): Promise<number[]> {
  const revisions: number[] = [];
  for (let begun = 0; begun < count; begun += PUTS_AT_ONCE) {
    const puts = Array.from({ length: Math.min(PUTS_AT_ONCE, count - begun) }, () => {
      const value = Buffer.alloc(values.length);
      values.write(value, 0);
      return client.put(key, value, { signal });
    });
    for (const { header } of await Promise.all(puts)) revisions.push(header.revision);
  }
  return revisions.sort((a, b) => a - b);
}
