const HEADER = (1 << 3) | 2;
/** Of a ResponseHeader. */
const REVISION = (3 << 3) | 0;
/** Of a RangeResponse. */
const KVS = (2 << 3) | 2;
const COUNT = (4 << 3) | 0;
/** Of a DeleteRangeResponse. */
const DELETED = (2 << 3) | 0;
/** Of a KeyValue. */
const KEY = (1 << 3) | 2;
const VALUE = (5 << 3) | 2;

/**
 * What the answers of etcd's KV service say, without an object for any of it: one is used again and again, and its fields
 * tell of the answer that it was given last.
 */
export class KvScan {
  /** The store's, when the request was carried out. */
  revision = 0;
  /** Keys that were deleted. */
  deleted = 0;
  /** Keys in a range, whatever the limit. */
  count = 0;
  /** Keys that came back. */
  keys = 0;
  /** Bytes of those keys and their values; only where they were asked for. */
  bytes = 0;
  /** Where the reading is. */
  #position = 0;

  /** A PutResponse, `bytes[start, end)`. */
  put(bytes: Buffer, start: number, end: number): void {
    this.revision = 0;
    this.#position = start;
    while (this.#position < end) {
      const tag = this.#varint(bytes);
      const value = this.#varint(bytes);
      if (tag === HEADER) this.#header(bytes, this.#position + value);
      else if ((tag & 7) === 2) this.#position += value;
    }
  }

  /** A DeleteRangeResponse. */
  deletion(bytes: Buffer, start: number, end: number): void {
    this.revision = 0;
    this.deleted = 0;
    this.#position = start;
    while (this.#position < end) {
      const tag = this.#varint(bytes);
      const value = this.#varint(bytes);
      if (tag === HEADER) this.#header(bytes, this.#position + value);
      else if (tag === DELETED) this.deleted = value;
      else if ((tag & 7) === 2) this.#position += value;
    }
  }

  /** A RangeResponse. `isMeasured`: `bytes` is wanted, too. */
  range(bytes: Buffer, start: number, end: number, isMeasured: boolean): void {
    this.revision = 0;
    this.count = 0;
    this.keys = 0;
    this.bytes = 0;
    this.#position = start;
    while (this.#position < end) {
      const tag = this.#varint(bytes);
      const value = this.#varint(bytes);
      if (tag === KVS) {
        this.keys += 1;
        if (isMeasured) this.#keyValue(bytes, this.#position + value);
        else this.#position += value;
      } else if (tag === HEADER) this.#header(bytes, this.#position + value);
      else if (tag === COUNT) this.count = value;
      else if ((tag & 7) === 2) this.#position += value;
    }
  }

  #header(bytes: Buffer, end: number): void {
    while (this.#position < end) {
      const tag = this.#varint(bytes);
      const value = this.#varint(bytes);
      if (tag === REVISION) this.revision = value;
    }
  }

  #keyValue(bytes: Buffer, end: number): void {
    while (this.#position < end) {
      const tag = this.#varint(bytes);
      const value = this.#varint(bytes);
      if (tag === KEY || tag === VALUE) this.bytes += value;
      if ((tag & 7) === 2) this.#position += value;
    }
  }

  /** Exact up to 2^53; the ids of clusters and members, which are larger, nobody looks at. */
  #varint(bytes: Buffer): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      // Behind the end of a message that is cut short there is a zero.
      const byte = bytes[this.#position] ?? 0;
      this.#position += 1;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 128;
    }
  }
}
