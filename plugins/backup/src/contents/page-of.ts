import type { KeyPage } from './key-page.ts';
import type { KeyRecord } from './key-record.ts';

/** The records as a page of their own, in their order. A value that was left out is empty in it. */
export function pageOf(records: readonly KeyRecord[]): KeyPage {
  const { length } = records;
  const page = {
    length,
    bytes: Buffer.concat(records.flatMap(({ key, value }) => (value === undefined ? [key] : [key, value]))),
    keyStart: new Uint32Array(length),
    keyEnd: new Uint32Array(length),
    valueStart: new Uint32Array(length),
    valueEnd: new Uint32Array(length),
    createRevision: Float64Array.from(records, ({ createRevision }) => createRevision),
    modRevision: Float64Array.from(records, ({ modRevision }) => modRevision),
    version: Float64Array.from(records, ({ version }) => version),
    lease: BigInt64Array.from(records, ({ lease }) => lease),
  };
  let offset = 0;
  for (const [row, { key, value }] of records.entries()) {
    page.keyStart[row] = offset;
    offset += key.length;
    page.keyEnd[row] = offset;
    page.valueStart[row] = offset;
    offset += value?.length ?? 0;
    page.valueEnd[row] = offset;
  }
  return page;
}
