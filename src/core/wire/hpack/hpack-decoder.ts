import { decodeHuffman } from './huffman.ts';
import { type HeaderField, STATIC_TABLE } from './static-table.ts';

/** RFC 7541 section 4.1: what an entry costs besides its octets. */
const ENTRY_OVERHEAD = 32;
/** Our SETTINGS_HEADER_TABLE_SIZE: the protocol's default. */
const LARGEST_TABLE = 4096;
/** A block that references big table entries again and again must not blow up. */
const LONGEST_HEADER_LIST = 256 * 1024;

/** The block is not valid HPACK: a connection error (COMPRESSION_ERROR). */
export class HpackError extends Error {}

export interface DecodedBlock {
  readonly fields: readonly HeaderField[];
  /** The value of `grpc-status`, -1 without one: looked up once for blocks that come again and again. */
  readonly grpcStatus: number;
  /** The value of `:status`, -1 without one. */
  readonly httpStatus: number;
  /** The dynamic table after this block. */
  readonly after: HpackTable;
}

interface RememberedBlock {
  readonly bytes: Uint8Array;
  readonly block: DecodedBlock;
}

const REMEMBERED_PER_TABLE = 4;
const LONGEST_REMEMBERED = 256;

/**
 * A peer's dynamic table at one moment. It never changes: decoding a block gives the fields and the table that follows.
 * A table remembers the blocks it decoded last, so a block seen before costs one comparison; and since connections to
 * the same server go through the same tables, ten thousand of them share a handful.
 */
export class HpackTable {
  readonly #entries: readonly HeaderField[];
  readonly #size: number;
  readonly #capacity: number;
  /** Shared by all tables of one root: how many more may be kept alive by remembered blocks. */
  readonly #budget: { left: number };
  #remembered: RememberedBlock[] | undefined;
  #oldest = 0;

  private constructor(entries: readonly HeaderField[], size: number, capacity: number, budget: { left: number }) {
    this.#entries = entries;
    this.#size = size;
    this.#capacity = capacity;
    this.#budget = budget;
  }

  /** The empty table that a connection begins with. */
  static empty(): HpackTable {
    return new HpackTable([], 0, LARGEST_TABLE, { left: 1000 });
  }

  /** Names and values, newest first: for tests. */
  get entries(): readonly HeaderField[] {
    return this.#entries;
  }

  get size(): number {
    return this.#size;
  }

  /** Decodes `bytes[start, end)`, one whole header block. Throws HpackError. */
  decode(bytes: Uint8Array, start: number, end: number): DecodedBlock {
    const remembered = this.#remembered;
    if (remembered !== undefined) {
      for (let index = 0; index < remembered.length; index += 1) {
        const candidate = remembered[index]!;
        if (isSame(candidate.bytes, bytes, start, end)) return candidate.block;
      }
    }
    const block = new BlockReader(bytes, start, end, this.#entries, this.#size, this.#capacity).read();
    const after =
      block.entries === this.#entries && block.capacity === this.#capacity
        ? this
        : new HpackTable(block.entries, block.size, block.capacity, this.#budget);
    const { fields } = block;
    const decoded = {
      fields,
      after,
      grpcStatus: numberOf(fields, 'grpc-status'),
      httpStatus: numberOf(fields, ':status'),
    };
    this.#remember(bytes, start, end, decoded);
    return decoded;
  }

  #remember(bytes: Uint8Array, start: number, end: number, block: DecodedBlock): void {
    if (end - start > LONGEST_REMEMBERED) return;
    if (block.after !== this) {
      if (this.#budget.left === 0) return;
      this.#budget.left -= 1;
    }
    this.#remembered ??= [];
    // A copy: Buffer's own slice() would be a view of the read buffer, which the next read overwrites.
    this.#remembered[this.#oldest] = { bytes: Uint8Array.prototype.slice.call(bytes, start, end), block };
    this.#oldest = (this.#oldest + 1) % REMEMBERED_PER_TABLE;
  }
}

function numberOf(fields: readonly HeaderField[], name: string): number {
  const value = fields.find((field) => field.name === name)?.value ?? '';
  return /^\d{1,3}$/.test(value) ? Number(value) : -1;
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let index = 0; index < known.length; index += 1) if (known[index] !== bytes[start + index]) return false;
  return true;
}

/** Reads one header block; what it changes in the table, it changes in a copy. */
class BlockReader {
  readonly fields: HeaderField[] = [];
  entries: readonly HeaderField[];
  size: number;
  capacity: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;
  #listSize = 0;

  constructor(
    bytes: Uint8Array,
    start: number,
    end: number,
    entries: readonly HeaderField[],
    size: number,
    capacity: number,
  ) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    this.entries = entries;
    this.size = size;
    this.capacity = capacity;
  }

  read(): this {
    while (this.#position < this.#end) {
      const first = this.#bytes[this.#position]!;
      if (first >= 0x80) this.#emit(this.#entry(this.#integer(7)));
      else if (first >= 0x40) this.#insert(this.#emit(this.#literal(6)));
      else if (first >= 0x20) this.#resize(this.#integer(5));
      else this.#emit(this.#literal(4));
    }
    return this;
  }

  #emit(field: HeaderField): HeaderField {
    this.#listSize += sizeOf(field);
    if (this.#listSize > LONGEST_HEADER_LIST) throw new HpackError('the header list is too long');
    this.fields.push(field);
    return field;
  }

  #entry(index: number): HeaderField {
    const field =
      index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.entries[index - STATIC_TABLE.length - 1];
    if (field === undefined) throw new HpackError(`no table entry ${index}`);
    return field;
  }

  #literal(prefixBits: number): HeaderField {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#entry(index).name;
    return { name, value: this.#string() };
  }

  #insert(field: HeaderField): void {
    const size = sizeOf(field);
    this.#evictTo(this.capacity - size);
    // An entry larger than the table empties it and is not kept (RFC 7541 section 4.4).
    if (size > this.capacity) return;
    this.entries = [field, ...this.entries];
    this.size += size;
  }

  #resize(capacity: number): void {
    if (this.fields.length > 0) throw new HpackError('a table size update after a field');
    if (capacity > LARGEST_TABLE) throw new HpackError(`a table of ${capacity} octets is more than we allow`);
    this.capacity = capacity;
    this.#evictTo(capacity);
  }

  #evictTo(room: number): void {
    let kept = this.entries.length;
    while (kept > 0 && this.size > room) {
      kept -= 1;
      this.size -= sizeOf(this.entries[kept]!);
    }
    if (kept < this.entries.length) this.entries = this.entries.slice(0, kept);
  }

  #integer(prefixBits: number): number {
    const largest = 2 ** prefixBits - 1;
    let value = this.#byte() & largest;
    if (value < largest) return value;
    for (let scale = 1; ; scale *= 128) {
      if (scale > 2 ** 28) throw new HpackError('an integer is too long');
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  #string(): string {
    const isHuffman = this.#position < this.#end && this.#bytes[this.#position]! >= 0x80;
    const length = this.#integer(7);
    const start = this.#position;
    const end = start + length;
    if (end > this.#end) throw new HpackError('a string runs past the block');
    this.#position = end;
    if (!isHuffman) return latin1(this.#bytes, start, end);
    const text = decodeHuffman(this.#bytes, start, end);
    if (text === undefined) throw new HpackError('invalid Huffman code');
    return text;
  }

  #byte(): number {
    if (this.#position >= this.#end) throw new HpackError('the block ends early');
    const byte = this.#bytes[this.#position]!;
    this.#position += 1;
    return byte;
  }
}

function sizeOf(field: HeaderField): number {
  return field.name.length + field.value.length + ENTRY_OVERHEAD;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
