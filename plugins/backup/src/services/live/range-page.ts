import { ProtoReader } from '@etcdperf/core/wire';
import type { KeyPage } from '../../contents/key-page.ts';

const NO_BYTES: Buffer = Buffer.alloc(0);
/** Replies are put together in memory that is a multiple of this. */
const GRAIN = 1 << 18;
/** More than that is given back when it is not needed any more. */
const MOST_KEPT = 8 << 20;

/** Tags of a RangeResponse and of its KeyValues: field number and wire type. */
const KVS = (2 << 3) | 2;
const KEY = (1 << 3) | 2;
const CREATE_REVISION = 2 << 3;
const MOD_REVISION = 3 << 3;
const VERSION = 4 << 3;
const VALUE = (5 << 3) | 2;
const LEASE = 6 << 3;

/** The answer to one RangeRequest, used again for the next. */
export class RangePage implements KeyPage {
  length = 0;
  bytes = NO_BYTES;
  keyStart = new Uint32Array(0);
  keyEnd = new Uint32Array(0);
  valueStart = new Uint32Array(0);
  valueEnd = new Uint32Array(0);
  createRevision = new Float64Array(0);
  modRevision = new Float64Array(0);
  version = new Float64Array(0);
  lease = new BigInt64Array(0);
  /** Of the whole range, whatever the limit and the revisions asked for. */
  count = 0;
  /** The limit kept keys back. */
  more = false;
  /** Bytes of the reply. */
  size = 0;
  /** What replies are put together in. */
  #memory = NO_BYTES;
  /** The leases, low half first: no BigInt is made of them. */
  #halves = new Uint32Array(0);
  #position = 0;

  /** Memory for a reply of so many bytes; what the page held is gone. */
  memoryFor(bytes: number): Buffer {
    this.length = 0;
    const { length } = this.#memory;
    const isUnusual = length > MOST_KEPT && bytes <= MOST_KEPT;
    if (length < bytes || isUnusual) this.#memory = Buffer.allocUnsafeSlow(Math.ceil(bytes / GRAIN) * GRAIN);
    return this.#memory;
  }

  /** Takes a RangeResponse, `bytes[start, end)`; what isn't in the page's own memory is copied. Throws Error. */
  read(bytes: Buffer, start: number, end: number): void {
    if (bytes === this.#memory) this.#parse(bytes, start, end);
    else {
      const memory = this.memoryFor(end - start);
      bytes.copy(memory, 0, start, end);
      this.#parse(memory, 0, end - start);
    }
  }

  /** A copy of the key in a row. */
  keyAt(row: number): Buffer {
    return Buffer.from(this.bytes.subarray(this.keyStart[row], this.keyEnd[row]));
  }

  /** Leaves out keys that were not modified at this revision or after it. */
  keepFrom(modRevision: number): void {
    let kept = 0;
    for (let row = 0; row < this.length; row += 1) {
      if (this.modRevision[row]! < modRevision) continue;
      for (const column of [this.keyStart, this.keyEnd, this.valueStart, this.valueEnd]) column[kept] = column[row]!;
      for (const column of [this.createRevision, this.modRevision, this.version]) column[kept] = column[row]!;
      this.lease[kept] = this.lease[row]!;
      kept += 1;
    }
    this.length = kept;
  }

  #parse(bytes: Buffer, start: number, end: number): void {
    this.length = 0;
    this.bytes = bytes;
    this.size = end - start;
    this.count = 0;
    this.more = false;
    const reader = new ProtoReader(bytes, start, end);
    for (;;) {
      this.#position = reader.position;
      this.#readKeys(bytes, end);
      reader.position = this.#position;
      const field = reader.next();
      if (field === 0) return;
      if (field === 3) this.more = reader.boolean();
      else if (field === 4) this.count = reader.number();
      else reader.skip();
    }
  }

  /** The hot loop: all KeyValues that follow each other, without a call for a field that has one byte. */
  #readKeys(bytes: Buffer, end: number): void {
    let row = this.length;
    while (this.#position < end && bytes[this.#position] === KVS) {
      this.#position += 1;
      const length = this.#varint(bytes, end);
      const kvEnd = this.#position + length;
      if (kvEnd > end) throw pastItsEnd();
      if (row === this.keyStart.length) this.#grow(row);
      this.#readKeyValue(bytes, kvEnd, row);
      row += 1;
    }
    this.length = row;
  }

  #readKeyValue(bytes: Buffer, end: number, row: number): void {
    this.valueStart[row] = this.valueEnd[row] = this.#position;
    this.keyStart[row] = this.keyEnd[row] = this.#position;
    this.createRevision[row] = this.modRevision[row] = this.version[row] = 0;
    this.#halves[2 * row] = this.#halves[2 * row + 1] = 0;
    while (this.#position < end) {
      const tag = bytes[this.#position]!;
      this.#position += 1;
      switch (tag) {
        case KEY: {
          const length = this.#varint(bytes, end);
          this.keyStart[row] = this.#position;
          this.keyEnd[row] = this.#position += length;
          break;
        }
        case CREATE_REVISION:
          this.createRevision[row] = this.#varint(bytes, end);
          break;
        case MOD_REVISION:
          this.modRevision[row] = this.#varint(bytes, end);
          break;
        case VERSION:
          this.version[row] = this.#varint(bytes, end);
          break;
        case VALUE: {
          const length = this.#varint(bytes, end);
          this.valueStart[row] = this.#position;
          this.valueEnd[row] = this.#position += length;
          break;
        }
        case LEASE:
          this.#readLease(bytes, row);
          break;
        default:
          this.#skip(bytes, tag, end);
      }
    }
    if (this.#position !== end) throw pastItsEnd();
  }

  /** Exact up to 2^53. */
  #varint(bytes: Buffer, end: number): number {
    let byte = bytes[this.#position]!;
    this.#position += 1;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let unit = 128; this.#position < end; unit *= 128) {
      byte = bytes[this.#position]!;
      this.#position += 1;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
    throw pastItsEnd();
  }

  #readLease(bytes: Buffer, row: number): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[this.#position]!;
      this.#position += 1;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
    }
    this.#halves[2 * row] = low;
    this.#halves[2 * row + 1] = high;
  }

  /** A field that is not known. */
  #skip(bytes: Buffer, tag: number, end: number): void {
    const reader = new ProtoReader(bytes, this.#position - 1, end);
    if (tag === 0 || reader.next() === 0) throw pastItsEnd();
    reader.skip();
    this.#position = reader.position;
  }

  #grow(rows: number): void {
    const capacity = Math.max(256, rows * 2);
    const grown = <T extends { set(old: T): void }>(old: T, larger: T): T => {
      larger.set(old);
      return larger;
    };
    this.keyStart = grown(this.keyStart, new Uint32Array(capacity));
    this.keyEnd = grown(this.keyEnd, new Uint32Array(capacity));
    this.valueStart = grown(this.valueStart, new Uint32Array(capacity));
    this.valueEnd = grown(this.valueEnd, new Uint32Array(capacity));
    this.createRevision = grown(this.createRevision, new Float64Array(capacity));
    this.modRevision = grown(this.modRevision, new Float64Array(capacity));
    this.version = grown(this.version, new Float64Array(capacity));
    this.lease = grown(this.lease, new BigInt64Array(capacity));
    this.#halves = new Uint32Array(this.lease.buffer);
  }
}

function pastItsEnd(): Error {
  return new Error('a field runs past its message');
}
