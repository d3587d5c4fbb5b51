const GRPC_PREFIX = 5;
const VARINT = 0;
const BYTES = 2;

/**
 * Writes one protobuf message, behind the five bytes that gRPC puts before each. Used again and again: what `finish()`
 * returns is a copy.
 */
export class ProtoWriter {
  #bytes = Buffer.allocUnsafeSlow(1024);
  #length = GRPC_PREFIX;

  /** An int64, uint64, int32 or enum field; left out when 0, as proto3 does. */
  number(field: number, value: number): this {
    if (value === 0) return this;
    if (value < 0) return this.bigint(field, BigInt(value));
    this.#reserve(20);
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
    return this;
  }

  bigint(field: number, value: bigint): this {
    if (value === 0n) return this;
    this.#reserve(20);
    this.#varint(field * 8 + VARINT);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.#bytes[this.#length] = Number(rest & 0x7fn) | 0x80;
      this.#length += 1;
      rest >>= 7n;
    }
    this.#bytes[this.#length] = Number(rest);
    this.#length += 1;
    return this;
  }

  boolean(field: number, value: boolean | undefined): this {
    return value === true ? this.number(field, 1) : this;
  }

  /** A bytes or string field (UTF-8); left out when empty. */
  bytes(field: number, value: Uint8Array | string | undefined): this {
    return value === undefined || value.length === 0 ? this : this.presentBytes(field, value);
  }

  /** A bytes field inside a oneof: written even when empty. */
  presentBytes(field: number, value: Uint8Array | string): this {
    const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    this.#reserve(20 + length);
    this.#varint(field * 8 + BYTES);
    this.#varint(length);
    if (typeof value === 'string') this.#bytes.write(value, this.#length, 'utf8');
    else this.#bytes.set(value, this.#length);
    this.#length += length;
    return this;
  }

  /** A number inside a oneof: written even when 0. */
  presentNumber(field: number, value: number): this {
    if (value !== 0) return this.number(field, value);
    this.#reserve(20);
    this.#varint(field * 8 + VARINT);
    this.#varint(0);
    return this;
  }

  /** A message field; written even when it is empty. */
  message<T>(field: number, value: T, write: (writer: this, value: T) => void): this {
    this.#reserve(20);
    this.#varint(field * 8 + BYTES);
    // Most are shorter than 128 bytes: one byte for the length, and the rest moves when it needs more.
    const start = this.#length + 1;
    this.#length = start;
    write(this, value);
    const length = this.#length - start;
    const extra = varintLength(length) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#bytes.copyWithin(start + extra, start, this.#length);
    }
    this.#length = start - 1;
    this.#varint(length);
    this.#length += length;
    return this;
  }

  /** The gRPC frame: a zero byte, the length as 32 bits, the message. The writer is empty again. */
  finish(): Buffer {
    this.#bytes[0] = 0;
    this.#bytes.writeUInt32BE(this.#length - GRPC_PREFIX, 1);
    const frame = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = GRPC_PREFIX;
    // One large value must not keep its memory for good.
    if (this.#bytes.length > 1024 * 1024) this.#bytes = Buffer.allocUnsafeSlow(1024);
    return frame;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length] = (rest & 0x7f) | 0x80;
      this.#length += 1;
      rest = rest > 0x7fffffff ? Math.floor(rest / 128) : rest >>> 7;
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length += 1;
  return length;
}
