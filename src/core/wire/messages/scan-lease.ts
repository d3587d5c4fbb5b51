import type { ProtoReader } from '../protobuf/index.ts';

/** Reads one LeaseKeepAliveResponse: tells the lease, exact up to 2^53, and its TTL in seconds, 0 when it is gone. */
export function scanLease(reader: ProtoReader, tell: (id: number, ttlSeconds: number) => void): void {
  let id = 0;
  let ttlSeconds = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) id = reader.number();
    else if (field === 3) ttlSeconds = reader.number();
    else reader.skip();
  }
  tell(id, ttlSeconds);
}
