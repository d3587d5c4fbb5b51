/** So many bytes behind the beginning tell where a key is: keys that differ only behind them are not told apart. */
const POSITIONS = 64;
/** Who has one of these has the others, too; what is in none stands for itself. */
const CLASSES: readonly string[] = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ'];
const CLASS_OF: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte > 0x7e) return Array.from({ length: 256 }, (_, any) => any);
  const known = CLASSES.find((letters) => letters.includes(String.fromCharCode(byte)));
  return known === undefined ? [byte] : [...Buffer.from(known)];
});

/**
 * Makes numbers of keys that begin alike, as a number system would whose digits are, at each position, the bytes that
 * were seen there and their likes: so keys that count up, or are spread evenly, are about evenly spread numbers.
 */
export class KeyPlaces {
  readonly #beginning: Buffer;
  /** For each position the bytes that are likely there, ascending. */
  readonly #digits: number[][] = Array.from({ length: POSITIONS }, () => []);

  constructor(beginning: Buffer) {
    this.#beginning = beginning;
  }

  /** Above all places. */
  get end(): bigint {
    return this.#digits.reduce((product, digits) => product * BigInt(digits.length + 1), 1n);
  }

  /** Takes a key for an example of what keys look like. Places are others afterwards. */
  learn(key: Buffer): void {
    const from = this.#beginning.length;
    const length = Math.min(POSITIONS, key.length - from);
    for (let position = 0; position < length; position += 1) {
      const byte = key[from + position]!;
      const digits = this.#digits[position]!;
      if (digits.includes(byte)) continue;
      this.#digits[position] = [...new Set([...digits, ...CLASS_OF[byte]!])].sort((a, b) => a - b);
    }
  }

  /** The place of a key that begins as all do. It may be the same for neighbours. */
  of(key: Buffer): bigint {
    let place = 0n;
    let isOver = false;
    for (const [position, digits] of this.#digits.entries()) {
      const byte = key[this.#beginning.length + position];
      isOver ||= byte === undefined;
      // 0 is a key that ends here.
      let digit = 0;
      if (!isOver && byte !== undefined) {
        while (digit < digits.length && digits[digit]! < byte) digit += 1;
        // Of a byte that nobody expected: as if it were the next that is.
        digit = Math.min(digit + 1, digits.length);
      }
      place = place * BigInt(digits.length + 1) + BigInt(digit);
    }
    return place;
  }

  /** A key at that place. */
  at(place: bigint): Buffer {
    const bytes: number[] = [];
    let rest = place;
    for (let position = POSITIONS - 1; position >= 0; position -= 1) {
      const digits = this.#digits[position]!;
      const radix = BigInt(digits.length + 1);
      const digit = Number(rest % radix);
      rest /= radix;
      // What is behind its end no key has.
      if (digit === 0) bytes.length = 0;
      else bytes.push(digits[digit - 1]!);
    }
    return Buffer.concat([this.#beginning, Buffer.from(bytes.reverse())]);
  }
}
