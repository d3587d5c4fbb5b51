import type { Finding } from '@etcdperf/core/load';
import type { KeySpace } from '@etcdperf/core/workload';
import { connectWire } from './connect-wire.ts';
import { keyOf, rangeOf } from './key-space.ts';
import type { BenchSite } from './run-bench.ts';

/** Tells when of the keys that are to be read there are none, or fewer than one would think. */
export async function inspectKeys({ access, signal }: BenchSite, keys: KeySpace): Promise<readonly Finding[]> {
  await using client = await connectWire(access, signal);
  const { key, rangeEnd } = rangeOf(keys);
  const { count } = await client.range(key, { rangeEnd, countOnly: true, serializable: true, signal });
  if (count >= keys.size) return [];
  const message =
    count === 0
      ? `there are no keys from '${key}' to '${keyOf(keys, keys.size - 1)}': reads will find nothing`
      : `of the ${keys.size} keys from '${key}' on there are only ${count}: the other reads will find nothing`;
  const hint = `write them first: etcdperf bench:put --sequential-keys --total ${keys.size}, with the same key flags`;
  return [{ kind: 'empty', message, hint }];
}
