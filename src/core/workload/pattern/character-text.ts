import { type CharacterClass, membersOf, sizeOf, utf8Bytes } from './character-class.ts';
import type { NodeHash } from './node-hash.ts';
import type { TextMaker } from './text-maker.ts';

/** One character of a class that has others than ASCII in it. */
export class WideCharacter implements TextMaker {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #characters: readonly Buffer[];

  constructor(characters: CharacterClass) {
    this.#characters = [...membersOf(characters)].map((code) => Buffer.from(String.fromCodePoint(code)));
    this.minBytes = utf8Bytes(characters[0]![0]);
    this.maxBytes = utf8Bytes(characters.at(-1)![1]);
  }

  measure(hash: NodeHash): number {
    return this.#characters[hash.below(this.#characters.length)]!.length;
  }

  write(hash: NodeHash, bytes: Buffer, at: number): number {
    const character = this.#characters[hash.below(this.#characters.length)]!;
    for (let i = 0; i < character.length; i += 1) bytes[at + i] = character[i]!;
    return at + character.length;
  }
}

/**
 * `min` to `max` ASCII characters of a class: what most values and names are. The first ones come from the hash itself,
 * so that two nodes do not begin alike; the rest is copied from a pool, from where the hash says.
 */
export class CharacterRun implements TextMaker {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #members: Uint8Array;
  readonly #pool: Buffer;
  readonly #offsets: number;
  readonly #lengths: number;
  /** How many characters one word of the hash has information for, and two. */
  readonly #perWord: number;
  readonly #stamped: number;
  /** From a byte to its index in the class; -1: not of it. */
  readonly #indices = new Int16Array(256).fill(-1);

  /** @param pool characters of the class, more than `longest`: what `writeLength` will ever be asked for */
  constructor(characters: CharacterClass, min: number, max: number, pool: Buffer, longest: number) {
    this.minBytes = min;
    this.maxBytes = max;
    this.#lengths = max - min + 1;
    this.#members = Uint8Array.from(membersOf(characters));
    for (const [index, byte] of this.#members.entries()) this.#indices[byte] = index;
    this.#pool = pool;
    this.#offsets = pool.length - longest;
    this.#perWord = Math.min(32, Math.floor(32 / Math.log2(Math.max(2, sizeOf(characters)))));
    this.#stamped = this.#perWord * 2;
  }

  get size(): number {
    return this.#members.length;
  }

  drawLength(hash: NodeHash): number {
    return this.#lengths === 1 ? this.minBytes : this.minBytes + hash.below(this.#lengths);
  }

  measure(hash: NodeHash): number {
    const length = this.drawLength(hash);
    hash.next();
    hash.next();
    if (length > this.#stamped) hash.next();
    return length;
  }

  write(hash: NodeHash, bytes: Buffer, at: number): number {
    return this.writeLength(hash, bytes, at, this.drawLength(hash));
  }

  /** The same, of a length that is known. */
  writeLength(hash: NodeHash, bytes: Buffer, at: number, length: number): number {
    const perWord = this.#perWord;
    this.#stamp(bytes, at, length < perWord ? length : perWord, hash.next());
    const left = length - perWord;
    this.#stamp(bytes, at + perWord, left < perWord ? left : perWord, hash.next());
    if (left > perWord) {
      const from = hash.below(this.#offsets);
      this.#pool.copy(bytes, at + this.#stamped, from, from + left - perWord);
    }
    return at + length;
  }

  byteAt(index: number): number {
    return this.#members[index]!;
  }

  /** -1: not of the class. */
  indexOf(byte: number): number {
    return this.#indices[byte]!;
  }

  #stamp(bytes: Buffer, at: number, count: number, word: number): void {
    const members = this.#members;
    const { length } = members;
    let fraction = (word >>> 0) * 2 ** -32;
    for (let i = 0; i < count; i += 1) {
      const scaled = fraction * length;
      const index = scaled | 0;
      bytes[at + i] = members[index]!;
      fraction = scaled - index;
    }
  }
}
