import type { Finding } from '@etcdperf/core/load';
import type { Bytes } from '@etcdperf/core/wire';
import type { KeySpace } from '@etcdperf/core/workload';
import { connectWire } from './connect-wire.ts';
import { keyOf, rangeOf } from './key-space.ts';
import type { BenchSite } from './run-bench.ts';

/** Keys that are to be read: so many, all of them in that range. */
export interface InspectedKeys {
  readonly key: Bytes;
  readonly rangeEnd: Bytes;
  readonly size: number;
  /** For people: `from 'a' to 'b'`. */
  readonly place: string;
  /** What writes them. */
  readonly hint: string;
}

/** As `inspectRange()`, for the keys of a key space. */
export function inspectKeys(site: BenchSite, keys: KeySpace): Promise<readonly Finding[]> {
  return inspectRange(site, {
    ...rangeOf(keys),
    size: keys.size,
    place: `from '${keyOf(keys, 0)}' to '${keyOf(keys, keys.size - 1)}'`,
    hint: `etcdperf bench:put --sequential-keys --total ${keys.size}, with the same key flags`,
  });
}

/** Tells when of the keys that are to be read there are none, or fewer than one would think. */
export async function inspectRange(
  { access, signal }: BenchSite,
  { key, rangeEnd, size, place, hint }: InspectedKeys,
): Promise<readonly Finding[]> {
  await using client = await connectWire(access, signal);
  const { count } = await client.range(key, { rangeEnd, countOnly: true, serializable: true, signal });
  if (count >= size) return [];
  const message =
    count === 0
      ? `there are no keys ${place}: reads will find nothing`
      : `of the ${size} keys ${place} there are only ${count}: the other reads will find nothing`;
  return [{ kind: 'empty', message, hint: `write them first: ${hint}` }];
}
