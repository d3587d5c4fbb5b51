const QUOTE = 0x22;
const COMMA = 0x2c;
const CR = 0x0d;
const LF = 0x0a;

/** What became of looking for a row. */
export type FoundRow =
  | { readonly status: 'row' }
  /** The bytes end within it. */
  | { readonly status: 'cut' }
  | { readonly status: 'bad'; readonly message: string; readonly at: number };

const ROW: FoundRow = { status: 'row' };
const CUT: FoundRow = { status: 'cut' };

/** Finds the fields of CSV rows (RFC 4180), one row at a time: its fields tell of the row that was found last. */
export class CsvFields {
  /** How many there are. */
  count = 0;
  /** Without the quotes around them. */
  readonly start: number[] = [];
  readonly end: number[] = [];
  /** Quotes within that are doubled. */
  readonly doubled: number[] = [];
  /** Where the next row begins. */
  next = 0;
  /** Lines that the row takes. */
  lines = 1;

  /** Finds the row at `from`. `isEnd`: nothing follows these bytes. */
  find(bytes: Buffer, from: number, isEnd: boolean): FoundRow {
    const { length } = bytes;
    let at = from;
    this.count = 0;
    this.lines = 1;
    for (;;) {
      let doubled = 0;
      if (at < length && bytes[at] === QUOTE) {
        const start = at + 1;
        at = start;
        for (;;) {
          if (at >= length) return CUT;
          const byte = bytes[at]!;
          if (byte === QUOTE) {
            // Whether it is doubled can't be told yet.
            if (at + 1 === length && !isEnd) return CUT;
            if (bytes[at + 1] !== QUOTE) break;
            doubled += 1;
            at += 2;
          } else {
            if (byte === LF) this.lines += 1;
            at += 1;
          }
        }
        this.#add(start, at, doubled);
        at += 1;
      } else {
        const start = at;
        while (at < length) {
          const byte = bytes[at]!;
          if (byte === COMMA || byte === CR || byte === LF) break;
          if (byte === QUOTE) return { status: 'bad', message: 'a quote inside a field without quotes', at };
          at += 1;
        }
        this.#add(start, at, 0);
      }
      if (at >= length) return CUT;
      const byte = bytes[at]!;
      if (byte === COMMA) {
        at += 1;
        continue;
      }
      if (byte === LF) {
        this.next = at + 1;
        return ROW;
      }
      if (byte !== CR) return { status: 'bad', message: 'something behind the closing quote of a field', at };
      if (at + 1 >= length) return CUT;
      if (bytes[at + 1] !== LF) return { status: 'bad', message: 'a carriage return without a line feed', at };
      this.next = at + 2;
      return ROW;
    }
  }

  /** A field's bytes: a part of `bytes` unless it has doubled quotes. */
  field(bytes: Buffer, index: number): Buffer {
    const start = this.start[index]!;
    const end = this.end[index]!;
    if (this.doubled[index] === 0) return bytes.subarray(start, end);
    const field = Buffer.allocUnsafe(end - start - this.doubled[index]!);
    let to = 0;
    for (let from = start; from < end; from++) {
      const byte = bytes[from]!;
      if (byte === QUOTE) from += 1;
      field[to++] = byte;
    }
    return field;
  }

  #add(start: number, end: number, doubled: number): void {
    this.start[this.count] = start;
    this.end[this.count] = end;
    this.doubled[this.count] = doubled;
    this.count += 1;
  }
}
