import type { KeyPage } from './key-page.ts';
import type { KeyRecord } from './key-record.ts';

/** What a page doesn't say of its keys. */
export interface RecordsOptions {
  /** No values were read, so that nobody knows their sizes. */
  readonly keysOnly?: boolean;
  /** Seconds left, by lease; -1: gone. */
  readonly ttls?: ReadonlyMap<bigint, number> | undefined;
}

/** A page's keys, copied out of it. */
export function recordsOf(page: KeyPage, { keysOnly = false, ttls }: RecordsOptions = {}): KeyRecord[] {
  return Array.from({ length: page.length }, (_, row): KeyRecord => {
    const valueStart = page.valueStart[row]!;
    const valueEnd = page.valueEnd[row]!;
    const lease = page.lease[row]!;
    return {
      key: Buffer.from(page.bytes.subarray(page.keyStart[row]!, page.keyEnd[row]!)),
      value: keysOnly ? undefined : Buffer.from(page.bytes.subarray(valueStart, valueEnd)),
      valueSize: keysOnly ? undefined : valueEnd - valueStart,
      createRevision: page.createRevision[row]!,
      modRevision: page.modRevision[row]!,
      version: page.version[row]!,
      lease,
      ttlSeconds: lease === 0n ? undefined : ttls?.get(lease),
    };
  });
}
