const QUOTE = 0x22;
const COMMA = 0x2c;
const CR = 0x0d;
const LF = 0x0a;

/** Up to here a loop is faster than calls that search and copy. */
const SHORT = 40;

const NEEDS_QUOTES = new Uint8Array(256);
for (const byte of [QUOTE, COMMA, CR, LF]) NEEDS_QUOTES[byte] = 1;

/**
 * Writes text as RFC 4180 wants it: in quotes only where it must be.
 *
 * Where the next of each byte that matters is, is kept from field to field, so that text which has few of them is
 * searched once, as fast as memory goes.
 */
export class CsvQuoting {
  #bytes: Buffer | undefined;
  #from = 0;
  #quote = -1;
  #comma = -1;
  #cr = -1;
  #lf = -1;

  /** What was seen is forgotten: the same buffer holds other bytes now. */
  restart(): void {
    this.#bytes = undefined;
  }

  /** Writes `source[start, end)` as a field. `target` has room for twice as much and two more. Returns where it ends. */
  write(target: Buffer, at: number, source: Buffer, start: number, end: number): number {
    if (end - start <= SHORT) return writeShort(target, at, source, start, end);
    if (!this.#isPlain(source, start, end)) return writeQuoted(target, at, source, start, end);
    source.copy(target, at, start, end);
    return at + end - start;
  }

  #isPlain(source: Buffer, start: number, end: number): boolean {
    if (this.#bytes !== source || start < this.#from) {
      this.#bytes = source;
      this.#quote = this.#comma = this.#cr = this.#lf = -1;
    }
    this.#from = start;
    if (this.#comma < start) this.#comma = next(source, COMMA, start);
    if (this.#comma < end) return false;
    if (this.#quote < start) this.#quote = next(source, QUOTE, start);
    if (this.#quote < end) return false;
    if (this.#lf < start) this.#lf = next(source, LF, start);
    if (this.#lf < end) return false;
    if (this.#cr < start) this.#cr = next(source, CR, start);
    return this.#cr >= end;
  }
}

function next(source: Buffer, byte: number, from: number): number {
  const at = source.indexOf(byte, from);
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}

function writeShort(target: Buffer, at: number, source: Buffer, start: number, end: number): number {
  let position = at;
  for (let index = start; index < end; index++) {
    const byte = source[index]!;
    if (NEEDS_QUOTES[byte] === 1) return writeQuoted(target, at, source, start, end);
    target[position++] = byte;
  }
  return position;
}

function writeQuoted(target: Buffer, at: number, source: Buffer, start: number, end: number): number {
  let position = at;
  target[position++] = QUOTE;
  for (let index = start; index < end; index++) {
    const byte = source[index]!;
    target[position++] = byte;
    if (byte === QUOTE) target[position++] = QUOTE;
  }
  target[position++] = QUOTE;
  return position;
}
