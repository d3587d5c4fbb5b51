import { InputError } from '../errors/index.ts';
import type { KeySpace } from './key-source.ts';

const ZERO = 48;
/** Numbers and what is computed from them stay exact. */
const MAX_SIZE = 1e15;

/** Writes the keys of a key space: its prefix, then a number padded with zeros. */
export class KeyWriter {
  /** Bytes of every key. */
  readonly length: number;
  readonly #prefix: Buffer;
  readonly #digits: number;

  /** Throws InputError for a key space that can't be: too few digits for its size, say. */
  constructor(space: KeySpace) {
    checkKeySpace(space);
    this.#prefix = Buffer.from(space.prefix);
    this.#digits = space.digits;
    this.length = this.#prefix.length + space.digits;
  }

  write(bytes: Buffer, at: number, number: number): void {
    const prefix = this.#prefix;
    const { length } = prefix;
    // A loop is quicker than a copy for the few bytes that a prefix has.
    if (length <= 24) for (let i = 0; i < length; i += 1) bytes[at + i] = prefix[i]!;
    else bytes.set(prefix, at);
    const first = at + length;
    let end = first + this.#digits;
    let rest = number;
    // 32-bit arithmetic is several times quicker: nine digits at a time.
    while (rest >= 1e9 && end - first > 9) {
      const high = Math.floor(rest / 1e9);
      writeDigits(bytes, end - 9, end, rest - high * 1e9);
      end -= 9;
      rest = high;
    }
    writeDigits(bytes, first, end, rest);
  }
}

function writeDigits(bytes: Buffer, first: number, end: number, number: number): void {
  let rest = number | 0;
  for (let i = end - 1; i >= first; i -= 1) {
    const quotient = (rest / 10) | 0;
    bytes[i] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
}

function checkKeySpace({ prefix, digits, size }: KeySpace): void {
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE)
    throw new InputError(`a key space of ${size} keys can't be: from 1 to ${MAX_SIZE}`);
  if (!Number.isInteger(digits) || digits < 1) throw new InputError(`keys with ${digits} digits can't be`);
  const needed = String(size - 1).length;
  if (digits < needed)
    throw new InputError(`${size} keys need ${needed} digits, and keys have ${digits}`, {
      hint: `keys of ${needed} digits or more (--key-size), or a smaller --key-space-size`,
    });
  const bytes = Buffer.byteLength(prefix) + digits;
  if (bytes > 65_536) throw new InputError(`keys of ${bytes} bytes are too long: 65536 is the most`);
}
