import type { ProtoReader, ProtoWriter } from '../protobuf/index.ts';

/** A key or value to send; strings are sent as UTF-8. */
export type Bytes = Uint8Array | string;

/** What every response of etcd begins with. */
export interface ResponseHeader {
  readonly clusterId: bigint;
  /** The member that answered. */
  readonly memberId: bigint;
  /** The store's revision when the request was applied. */
  readonly revision: number;
  readonly raftTerm: number;
}

export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** 0n: none. */
  readonly lease: bigint;
}

/** Which keys: one key, `[key, rangeEnd)`, or all that begin with `key`. */
export interface KeyRange {
  /** Everything up to this, exclusive; `'\0'`: no end. */
  readonly rangeEnd?: Bytes | undefined;
  /** All keys that begin with the key given; an empty key means every key. */
  readonly prefix?: boolean | undefined;
}

export interface RangeOptions extends KeyRange {
  /** At most so many keys; default: no limit. */
  readonly limit?: number | undefined;
  /** Read at this revision; default: the latest. */
  readonly revision?: number | undefined;
  /** Answered by the member alone, perhaps from the past; default: linearizable. */
  readonly serializable?: boolean | undefined;
  readonly keysOnly?: boolean | undefined;
  readonly countOnly?: boolean | undefined;
  /** Only keys modified at this revision or after it. etcd reads the whole range for it, whatever the limit. */
  readonly minModRevision?: number | undefined;
  /** Only keys created at this revision or before. */
  readonly maxCreateRevision?: number | undefined;
  readonly sort?: { readonly by: 'key' | 'version' | 'create' | 'mod' | 'value'; readonly order: 'ascend' | 'descend' };
}

export interface PutOptions {
  readonly lease?: bigint | undefined;
  readonly prevKv?: boolean | undefined;
}

export interface DeleteOptions extends KeyRange {
  readonly prevKv?: boolean | undefined;
}

export interface PutResult {
  readonly header: ResponseHeader;
  readonly prevKv?: KeyValue;
}

export interface RangeResult {
  readonly header: ResponseHeader;
  readonly kvs: readonly KeyValue[];
  /** There are more keys than the limit let through. */
  readonly more: boolean;
  /** Keys in the range, whatever the limit. */
  readonly count: number;
}

export interface DeleteResult {
  readonly header: ResponseHeader;
  readonly deleted: number;
  readonly prevKvs: readonly KeyValue[];
}

export const NO_HEADER: ResponseHeader = { clusterId: 0n, memberId: 0n, revision: 0, raftTerm: 0 };
const EMPTY: Buffer = Buffer.alloc(0);
const SORT_ORDERS = { ascend: 1, descend: 2 } as const;
const SORT_TARGETS = { key: 0, version: 1, create: 2, mod: 3, value: 4 } as const;

/** Where a range that begins with `key` ends: `rangeEnd`, the end of the prefix, or nothing for a single key. */
export function endOfRange(key: Bytes, range: KeyRange): Bytes | undefined {
  return range.prefix === true ? prefixEnd(key) : range.rangeEnd;
}

/** The first key after all that begin with `prefix`; a zero byte (no end) where there is none. */
export function prefixEnd(prefix: Bytes): Buffer {
  const bytes = Buffer.from(prefix);
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0xff) length -= 1;
  if (length === 0) return Buffer.from([0]);
  const end = Buffer.from(bytes.subarray(0, length));
  end[length - 1] = end[length - 1]! + 1;
  return end;
}

/** An empty key cannot be sent; etcd takes a zero byte for the start of everything. */
function startOfRange(key: Bytes, range: KeyRange): Bytes {
  return key.length === 0 && range.prefix === true ? '\0' : key;
}

export function writePut(writer: ProtoWriter, put: { key: Bytes; value: Bytes } & PutOptions): void {
  writer
    .bytes(1, put.key)
    .bytes(2, put.value)
    .bigint(3, put.lease ?? 0n)
    .boolean(4, put.prevKv);
}

export function writeRange(writer: ProtoWriter, range: { key: Bytes } & RangeOptions): void {
  writer
    .bytes(1, startOfRange(range.key, range))
    .bytes(2, endOfRange(range.key, range))
    .number(3, range.limit ?? 0)
    .number(4, range.revision ?? 0)
    .number(5, range.sort === undefined ? 0 : SORT_ORDERS[range.sort.order])
    .number(6, range.sort === undefined ? 0 : SORT_TARGETS[range.sort.by])
    .boolean(7, range.serializable)
    .boolean(8, range.keysOnly)
    .boolean(9, range.countOnly)
    .number(10, range.minModRevision ?? 0)
    .number(13, range.maxCreateRevision ?? 0);
}

export function writeDeleteRange(writer: ProtoWriter, range: { key: Bytes } & DeleteOptions): void {
  writer.bytes(1, startOfRange(range.key, range)).bytes(2, endOfRange(range.key, range)).boolean(3, range.prevKv);
}

export function readHeader(reader: ProtoReader): ResponseHeader {
  const header = { clusterId: 0n, memberId: 0n, revision: 0, raftTerm: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header.clusterId = reader.uint64();
    else if (field === 2) header.memberId = reader.uint64();
    else if (field === 3) header.revision = reader.number();
    else if (field === 4) header.raftTerm = reader.number();
    else reader.skip();
  }
  return header;
}

export function readKeyValue(reader: ProtoReader): KeyValue {
  const kv = { key: EMPTY, value: EMPTY, createRevision: 0, modRevision: 0, version: 0, lease: 0n };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) kv.key = reader.copy();
    else if (field === 2) kv.createRevision = reader.number();
    else if (field === 3) kv.modRevision = reader.number();
    else if (field === 4) kv.version = reader.number();
    else if (field === 5) kv.value = reader.copy();
    else if (field === 6) kv.lease = reader.int64();
    else reader.skip();
  }
  return kv;
}

export function readPut(reader: ProtoReader): PutResult {
  let header = NO_HEADER;
  let prevKv: KeyValue | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = reader.message(readHeader);
    else if (field === 2) prevKv = reader.message(readKeyValue);
    else reader.skip();
  }
  return prevKv === undefined ? { header } : { header, prevKv };
}

export function readRange(reader: ProtoReader): RangeResult {
  const kvs: KeyValue[] = [];
  const result = { header: NO_HEADER, kvs, more: false, count: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) result.header = reader.message(readHeader);
    else if (field === 2) kvs.push(reader.message(readKeyValue));
    else if (field === 3) result.more = reader.boolean();
    else if (field === 4) result.count = reader.number();
    else reader.skip();
  }
  return result;
}

export function readDeleteRange(reader: ProtoReader): DeleteResult {
  const prevKvs: KeyValue[] = [];
  const result = { header: NO_HEADER, deleted: 0, prevKvs };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) result.header = reader.message(readHeader);
    else if (field === 2) result.deleted = reader.number();
    else if (field === 3) prevKvs.push(reader.message(readKeyValue));
    else reader.skip();
  }
  return result;
}
