import type { ProtoReader, ProtoWriter } from '../protobuf/index.ts';
import { NO_HEADER, type ResponseHeader, readHeader } from './kv.ts';

export interface LeaseGrantResult {
  readonly header: ResponseHeader;
  readonly id: bigint;
  /** What etcd granted, which can be more than was asked for. */
  readonly ttlSeconds: number;
}

export interface LeaseKeepAliveResult {
  readonly header: ResponseHeader;
  readonly id: bigint;
  /** 0: the lease is gone. */
  readonly ttlSeconds: number;
}

export interface LeaseTimeToLiveResult {
  readonly header: ResponseHeader;
  readonly id: bigint;
  /** What is left; -1: the lease is gone. */
  readonly ttlSeconds: number;
  readonly grantedTtlSeconds: number;
  readonly keys: readonly Buffer[];
}

export function writeLeaseGrant(writer: ProtoWriter, grant: { ttlSeconds: number; id: bigint }): void {
  writer.number(1, grant.ttlSeconds).bigint(2, grant.id);
}

/** LeaseRevokeRequest and LeaseKeepAliveRequest look the same. */
export function writeLeaseId(writer: ProtoWriter, id: bigint): void {
  writer.bigint(1, id);
}

export function writeLeaseTimeToLive(writer: ProtoWriter, request: { id: bigint; keys: boolean }): void {
  writer.bigint(1, request.id).boolean(2, request.keys);
}

/** LeaseGrantResponse and LeaseKeepAliveResponse look the same. */
export function readLease(reader: ProtoReader): LeaseGrantResult {
  const result = { header: NO_HEADER, id: 0n, ttlSeconds: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) result.header = reader.message(readHeader);
    else if (field === 2) result.id = reader.int64();
    else if (field === 3) result.ttlSeconds = reader.number();
    else reader.skip();
  }
  return result;
}

export function readLeaseTimeToLive(reader: ProtoReader): LeaseTimeToLiveResult {
  const keys: Buffer[] = [];
  const result = { header: NO_HEADER, id: 0n, ttlSeconds: 0, grantedTtlSeconds: 0, keys };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) result.header = reader.message(readHeader);
    else if (field === 2) result.id = reader.int64();
    else if (field === 3) result.ttlSeconds = reader.number();
    else if (field === 4) result.grantedTtlSeconds = reader.number();
    else if (field === 5) keys.push(reader.copy());
    else reader.skip();
  }
  return result;
}

export interface LeasesResult {
  readonly header: ResponseHeader;
  /** Of every lease there is, in no order. */
  readonly ids: BigInt64Array;
}

/** LeaseLeasesResponse: one number for each lease, however many there are. */
export function readLeases(reader: ProtoReader): LeasesResult {
  let header = NO_HEADER;
  let ids = new BigInt64Array(64);
  let count = 0;
  const readStatus = (status: ProtoReader) => {
    let id = 0n;
    for (let field = status.next(); field !== 0; field = status.next()) {
      if (field === 1) id = status.int64();
      else status.skip();
    }
    return id;
  };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = reader.message(readHeader);
    else if (field === 2) {
      if (count === ids.length) {
        const larger = new BigInt64Array(count * 2);
        larger.set(ids);
        ids = larger;
      }
      ids[count] = reader.message(readStatus);
      count += 1;
    } else reader.skip();
  }
  return { header, ids: ids.subarray(0, count) };
}

/** A response with nothing in it but its header: of LeaseRevoke, Compact, Unlock. */
export function readHeaderOnly(reader: ProtoReader): { header: ResponseHeader } {
  let header = NO_HEADER;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) header = reader.message(readHeader);
    else reader.skip();
  }
  return { header };
}
