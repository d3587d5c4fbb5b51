import type { KeyRecord } from '../contents/key-record.ts';

/** Only the keys that begin with one of the prefixes; without any prefix all of them. */
export async function* withinPrefixes(
  batches: AsyncIterable<readonly KeyRecord[]>,
  prefixes: readonly Buffer[],
): AsyncGenerator<readonly KeyRecord[], void, void> {
  if (prefixes.length === 0 || prefixes.some((prefix) => prefix.length === 0)) return yield* batches;
  for await (const batch of batches)
    yield batch.filter(({ key }) => prefixes.some((prefix) => beginsWith(key, prefix)));
}

export function beginsWith(key: Buffer, prefix: Buffer): boolean {
  return key.length >= prefix.length && prefix.compare(key, 0, prefix.length) === 0;
}
