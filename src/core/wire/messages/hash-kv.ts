import type { ProtoReader, ProtoWriter } from '../protobuf/index.ts';
import { NO_HEADER, type ResponseHeader, readHeader } from './kv.ts';

export interface HashKvResult {
  readonly header: ResponseHeader;
  /** Of all versions of all keys up to the revision asked for. */
  readonly hash: number;
  /** What was compacted away is not part of it, so only hashes with the same one can be compared. */
  readonly compactRevision: number;
}

/** HashKVRequest. */
export function writeHashKv(writer: ProtoWriter, revision: number): void {
  writer.number(1, revision);
}

export function readHashKv(reader: ProtoReader): HashKvResult {
  const result = { header: NO_HEADER, hash: 0, compactRevision: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) result.header = reader.message(readHeader);
    else if (field === 2) result.hash = reader.number();
    else if (field === 3) result.compactRevision = reader.number();
    else reader.skip();
  }
  return result;
}
