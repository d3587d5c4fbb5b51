import type { ProtoReader, ProtoWriter } from '../protobuf/index.ts';
import { NO_HEADER, type ResponseHeader, readHeader } from './kv.ts';

export interface LockResult {
  readonly header: ResponseHeader;
  /** Exists for as long as the lock is held: what `unlock` takes, and what transactions can be guarded with. */
  readonly key: Buffer;
}

/** v3lockpb.LockRequest. */
export function writeLock(writer: ProtoWriter, lock: { readonly name: string; readonly lease: bigint }): void {
  writer.bytes(1, lock.name).bigint(2, lock.lease);
}

export function readLock(reader: ProtoReader): LockResult {
  let key: Buffer = Buffer.alloc(0);
  let header = NO_HEADER;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = reader.message(readHeader);
    else if (field === 2) key = reader.copy();
    else reader.skip();
  }
  return { header, key };
}

/** v3lockpb.UnlockRequest. */
export function writeUnlock(writer: ProtoWriter, key: Uint8Array): void {
  writer.bytes(1, key);
}
