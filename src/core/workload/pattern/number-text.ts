import type { NumberFormat } from './pattern.ts';

const BASES = { d: 10, x: 16, X: 16, o: 8 } as const;
const ZERO = 48;
const SPACE = 32;

/** Bytes that a number takes as that format prints it. */
export function writtenBytes(format: NumberFormat, number: number): number {
  return Math.max(format.width, format.sign.length + digitsOf(number, BASES[format.letter]));
}

/** Prints whole numbers as printf does, without allocating. */
export class NumberWriter {
  readonly #format: NumberFormat;
  readonly #base: number;
  /** From a digit of 10 to its letter. */
  readonly #letters: number;
  readonly #sign: number;

  constructor(format: NumberFormat) {
    this.#format = format;
    this.#base = BASES[format.letter];
    this.#letters = (format.letter === 'X' ? 0x41 : 0x61) - 10;
    this.#sign = format.sign === '' ? 0 : format.sign.charCodeAt(0);
  }

  bytesOf(number: number): number {
    return writtenBytes(this.#format, number);
  }

  /** Returns where it ends. */
  write(bytes: Buffer, at: number, number: number): number {
    const { fill, width } = this.#format;
    const digits = digitsOf(number, this.#base);
    const signs = this.#sign === 0 ? 0 : 1;
    const padding = Math.max(0, width - digits - signs);
    let place = at;
    if (fill === 'before') place = fillWith(bytes, place, padding, SPACE);
    if (signs === 1) {
      bytes[place] = this.#sign;
      place += 1;
    }
    if (fill === 'zeros') place = fillWith(bytes, place, padding, ZERO);
    this.#digits(bytes, place, place + digits, number);
    place += digits;
    return fill === 'after' ? fillWith(bytes, place, padding, SPACE) : place;
  }

  /** The number that `bytes[start, end)` holds, with any padding; -1 where there is none. */
  read(bytes: Buffer, start: number, end: number): number {
    const base = this.#base;
    let at = start;
    while (at < end && (bytes[at] === SPACE || bytes[at] === this.#sign)) at += 1;
    let number = 0;
    const first = at;
    for (; at < end; at += 1) {
      const byte = bytes[at]!;
      const digit = byte <= 0x39 ? byte - ZERO : byte - this.#letters;
      if (digit < 0 || digit >= base) break;
      number = number * base + digit;
    }
    return at === first || number > Number.MAX_SAFE_INTEGER ? -1 : number;
  }

  #digits(bytes: Buffer, first: number, end: number, number: number): void {
    const base = this.#base;
    let high = number;
    let place = end;
    // 32-bit arithmetic is several times quicker.
    while (high >= 0x7fff_ffff) {
      const quotient = Math.floor(high / base);
      place -= 1;
      bytes[place] = this.#character(high - quotient * base);
      high = quotient;
    }
    let rest = high | 0;
    while (place > first) {
      const quotient = (rest / base) | 0;
      place -= 1;
      bytes[place] = this.#character(rest - quotient * base);
      rest = quotient;
    }
  }

  #character(digit: number): number {
    return digit < 10 ? ZERO + digit : this.#letters + digit;
  }
}

function digitsOf(number: number, base: number): number {
  let digits = 1;
  for (let limit = base; number >= limit; limit *= base) digits += 1;
  return digits;
}

function fillWith(bytes: Buffer, at: number, count: number, byte: number): number {
  const end = at + count;
  for (let i = at; i < end; i += 1) bytes[i] = byte;
  return end;
}
