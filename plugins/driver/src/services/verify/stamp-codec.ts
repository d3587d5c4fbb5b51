import { InputError } from '@etcdperf/core/errors';

/** A checksum of 30 bits, and write numbers that repeat after as many: more than a run has. */
const FULL = 1e9;
/** Number and checksum together, at the least: half of it for either is a chance of 1 in 65,536 to miss a change. */
const LEAST = 2 ** 32;
/** How many numbers are tried that end in the digits of a short stamp. */
const MOST_TRIES = 16;

/**
 * The last bytes of a value: the number of its write and a checksum over key, number, size and all bytes before, both
 * with the digits of an alphabet. In values too short for all of it the number's first digits are left out (they are in
 * the checksum) and the checksum has fewer.
 */
export class StampCodec {
  /** Of a stamp. */
  readonly bytes: number;
  readonly #alphabet: Uint8Array;
  readonly #digits = new Int8Array(256).fill(-1);
  readonly #numberBytes: number;
  readonly #numbers: number;
  readonly #sums: number;

  /** Throws InputError where values of `leastBytes` have no room for a stamp. */
  constructor(alphabet: string, leastBytes: number) {
    this.#alphabet = Buffer.from(alphabet, 'latin1');
    this.#alphabet.forEach((byte, digit) => {
      this.#digits[byte] = digit;
    });
    const radix = alphabet.length;
    const needed = digitsFor(LEAST, radix);
    if (leastBytes < needed)
      throw new InputError(`values of ${leastBytes} bytes are too short to be verified`, {
        hint: `make them at least ${needed} bytes long: number and checksum of the write have to fit in (${2 * digitsFor(FULL, radix)} hold all of both)`,
      });
    this.bytes = Math.min(leastBytes, 2 * digitsFor(FULL, radix));
    this.#numberBytes = this.bytes >> 1;
    this.#numbers = radix ** this.#numberBytes;
    this.#sums = radix ** (this.bytes - this.#numberBytes);
  }

  /** Stamps the value in `bytes[start, end)`. */
  write(bytes: Uint8Array, start: number, end: number, key: number, write: number): void {
    const at = end - this.bytes;
    this.#writeDigits(bytes, at, at + this.#numberBytes, write % this.#numbers);
    this.#writeDigits(bytes, at + this.#numberBytes, end, this.#sum(bytes, start, at, key, write));
  }

  /** Whether `bytes[start, end)` is what that write put there. */
  fits(bytes: Uint8Array, start: number, end: number, key: number, write: number): boolean {
    const at = end - this.bytes;
    if (at < start) return false;
    const middle = at + this.#numberBytes;
    return (
      this.#readDigits(bytes, at, middle) === write % this.#numbers &&
      this.#readDigits(bytes, middle, end) === this.#sum(bytes, start, at, key, write)
    );
  }

  /**
   * The number of the write that made the value in `bytes[start, end)`; -1 where the checksum says that none did.
   *
   * @param latest the last write that there can be
   */
  read(bytes: Uint8Array, start: number, end: number, key: number, latest: number): number {
    let write = this.claimed(bytes, start, end, latest);
    if (write < 0) return -1;
    const middle = end - this.bytes + this.#numberBytes;
    const sum = this.#readDigits(bytes, middle, end);
    for (let tries = 0; write >= 0 && tries < MOST_TRIES; tries += 1, write -= this.#numbers) {
      if (sum === this.#sum(bytes, start, end - this.bytes, key, write)) return write;
    }
    return -1;
  }

  /** The write that the stamp names, right or wrong: the latest one that ends so; -1 where there is none. */
  claimed(bytes: Uint8Array, start: number, end: number, latest: number): number {
    const at = end - this.bytes;
    if (at < start) return -1;
    const number = this.#readDigits(bytes, at, at + this.#numberBytes);
    return number < 0 || number > latest ? -1 : latest - ((latest - number) % this.#numbers);
  }

  #writeDigits(bytes: Uint8Array, start: number, end: number, number: number): void {
    const alphabet = this.#alphabet;
    let rest = number;
    for (let at = end - 1; at >= start; at -= 1) {
      const quotient = Math.floor(rest / alphabet.length);
      bytes[at] = alphabet[rest - quotient * alphabet.length]!;
      rest = quotient;
    }
  }

  /** -1 where something else is among them. */
  #readDigits(bytes: Uint8Array, start: number, end: number): number {
    const radix = this.#alphabet.length;
    let number = 0;
    for (let at = start; at < end; at += 1) {
      const digit = this.#digits[bytes[at]!]!;
      if (digit < 0) return -1;
      number = number * radix + digit;
    }
    return number;
  }

  /** Each step is a permutation of the sums so far, so that two values that differ in one place never have the same. */
  #sum(bytes: Uint8Array, start: number, end: number, key: number, write: number): number {
    let sum = step(key | 0, (key / 2 ** 32) | 0);
    sum = step(step(sum, write | 0), (write / 2 ** 32) | 0);
    sum = step(sum, end - start);
    let at = start;
    for (; at + 4 <= end; at += 4)
      sum = step(sum, bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    for (; at < end; at += 1) sum = step(sum, bytes[at]!);
    sum = Math.imul(sum ^ (sum >>> 16), 0x85eb_ca6b);
    return ((sum ^ (sum >>> 13)) >>> 0) % this.#sums;
  }
}

function step(sum: number, word: number): number {
  const mixed = Math.imul(sum ^ word, 0xcc9e_2d51);
  return ((mixed ^ (mixed >>> 15)) + 0x9e37_79b9) | 0;
}

/** How many digits tell so many numbers apart. */
function digitsFor(numbers: number, radix: number): number {
  let digits = 1;
  for (let reach = radix; reach < numbers; reach *= radix) digits += 1;
  return digits;
}
