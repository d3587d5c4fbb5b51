import { ProtoReader } from '../wire/index.ts';

/** Reads the TTL out of a LeaseGrantResponse or LeaseKeepAliveResponse, without an object for any. */
export class TtlReader {
  readonly #reader = new ProtoReader(Buffer.alloc(0));

  /** Seconds; 0: there is no such lease. */
  read(bytes: Buffer, start: number, end: number): number {
    const reader = this.#reader.reset(bytes, start, end);
    let ttlSeconds = 0;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 3) ttlSeconds = reader.number();
      else reader.skip();
    }
    return ttlSeconds;
  }
}
