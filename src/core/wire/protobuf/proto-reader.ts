/** The bytes are not the protobuf message that was expected. */
export class ProtoError extends Error {}

/**
 * Reads protobuf fields from a region of a buffer; never past it. `next()` gives the field's number, 0 at the end; then
 * exactly one of the value methods or `skip()` must be called.
 */
export class ProtoReader {
  bytes: Buffer;
  position: number;
  end: number;
  #wireType = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** Begins with another message. */
  reset(bytes: Buffer, start: number, end: number): this {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    return this;
  }

  /** The number of the next field, or 0 when the message is over. */
  next(): number {
    if (this.position >= this.end) return 0;
    const first = this.bytes[this.position]!;
    if (first < 0x80 && first > 7) {
      // Numbers up to 15, as nearly all are.
      this.position += 1;
      this.#wireType = first & 7;
      return first >>> 3;
    }
    const tag = this.#varint();
    this.#wireType = tag % 8;
    const field = Math.floor(tag / 8);
    if (field === 0 || field > 0x1fffffff) throw new ProtoError(`no field can have the number ${field}`);
    return field;
  }

  /** An integer, exact up to ±2^53. */
  number(): number {
    this.#expect(0);
    return this.#varint();
  }

  /** An int64 as signed bigint. */
  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  uint64(): bigint {
    this.#expect(0);
    let value = 0n;
    let small = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 28) small += (byte & 0x7f) << shift;
      else value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return BigInt.asUintN(64, value | BigInt(small));
    }
    throw new ProtoError('a number is longer than ten bytes');
  }

  boolean(): boolean {
    return this.number() !== 0;
  }

  /** A copy of a bytes field. */
  copy(): Buffer {
    const end = this.enter();
    const copy = Buffer.from(this.bytes.subarray(this.position, end));
    this.position = end;
    return copy;
  }

  text(): string {
    const end = this.enter();
    const text = this.bytes.toString('utf8', this.position, end);
    this.position = end;
    return text;
  }

  /** Steps into a length-delimited field: `position` is at its start. Returns where it ends. */
  enter(): number {
    this.#expect(2);
    const length = this.#varint();
    const end = this.position + length;
    if (length < 0 || end > this.end) throw new ProtoError('a field runs past its message');
    return end;
  }

  /** Reads a message field with `read`, which sees only that message. */
  message<T>(read: (reader: ProtoReader) => T): T {
    const inner = this.enter();
    const outer = this.end;
    this.end = inner;
    const value = read(this);
    this.position = inner;
    this.end = outer;
    return value;
  }

  /** Leaves out the value of a field that is not known. */
  skip(): void {
    const wireType = this.#wireType;
    if (wireType === 0) this.#varint();
    else if (wireType === 1) this.#advance(8);
    else if (wireType === 2) this.position = this.enter();
    else if (wireType === 5) this.#advance(4);
    else throw new ProtoError(`wire type ${wireType} is not known`);
  }

  /** `position` was put right behind the tag of a length-delimited field. */
  expectBytes(): void {
    this.#wireType = 2;
  }

  #advance(count: number): void {
    this.position += count;
    if (this.position > this.end) throw new ProtoError('a field runs past its message');
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw new ProtoError(`a field has wire type ${this.#wireType}, not ${wireType}`);
  }

  #varint(): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    // 28 bits so far; the rest counts in units of 2^28. Ten bytes are a negative number in two's complement.
    let high = 0;
    let scale = 1;
    for (let count = 4; count < 10; count += 1) {
      const byte = this.#byte();
      const bits = count === 9 ? byte & 0x01 : byte & 0x7f;
      high += bits * scale;
      scale *= 128;
      if (byte < 0x80) return high >= 2 ** 35 ? (high - 2 ** 36) * 2 ** 28 + low : high * 2 ** 28 + low;
    }
    throw new ProtoError('a number is longer than ten bytes');
  }

  #byte(): number {
    if (this.position >= this.end) throw new ProtoError('the message ends early');
    const byte = this.bytes[this.position]!;
    this.position += 1;
    return byte;
  }
}
