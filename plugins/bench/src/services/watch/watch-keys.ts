/** The keys that are written and watched: the leaves of a tree, or of its one level a flat list. */
export interface WatchKeys {
  readonly prefix: string;
  /** How many branches there are at each level, below each of the level above; the last are the keys. */
  readonly levels: readonly number[];
  /** Digits of a key's last part. Those of the parts before are as many as they need. */
  readonly digits: number;
}

const ZERO = 0x30;
const SLASH = 0x2f;

/**
 * Keys by number. `{prefix: 'tree/', levels: [2, 3], digits: 1}` has six: key 4 is `tree/1/1`, below the branches `tree/`
 * and `tree/1/`.
 */
export class WatchKeySpace {
  readonly levels: readonly number[];
  /** How many keys there are. */
  readonly size: number;
  /** Bytes of every key. */
  readonly length: number;
  readonly #prefix: Buffer;
  readonly #digits: readonly number[];

  constructor({ prefix, levels, digits }: WatchKeys) {
    this.levels = levels;
    this.#prefix = Buffer.from(prefix);
    this.#digits = levels.map((count, level) => (level === levels.length - 1 ? digits : String(count - 1).length));
    this.size = levels.reduce((product, count) => product * count, 1);
    this.length = this.#digits.reduce((sum, count) => sum + count + 1, this.#prefix.length - 1);
  }

  /** Writes a key, whole, to `bytes[at, at + length)`. */
  write(bytes: Buffer, at: number, number: number): void {
    this.#prefix.copy(bytes, at);
    let end = at + this.length;
    let rest = number;
    for (let level = this.levels.length - 1; level >= 0; level -= 1) {
      const count = this.levels[level]!;
      const begin = end - this.#digits[level]!;
      for (let digit = end - 1, part = rest % count; digit >= begin; digit -= 1) {
        bytes[digit] = ZERO + (part % 10);
        part = Math.floor(part / 10);
      }
      rest = Math.floor(rest / count);
      end = begin - 1;
      if (level > 0) bytes[end] = SLASH;
    }
  }

  key(number: number): Buffer {
    const key = Buffer.alloc(this.length);
    this.write(key, 0, number);
    return key;
  }

  /** The number of the key `bytes[start, end)`; -1 when it is none of these. */
  numberOf(bytes: Buffer, start: number, end: number): number {
    if (end - start !== this.length) return -1;
    const prefix = this.#prefix.length;
    if (this.#prefix.compare(bytes, start, start + prefix) !== 0) return -1;
    let at = start + prefix;
    let number = 0;
    for (let level = 0; level < this.levels.length; level += 1) {
      if (level > 0 && bytes[at++] !== SLASH) return -1;
      let part = 0;
      for (const partEnd = at + this.#digits[level]!; at < partEnd; at += 1) {
        const digit = bytes[at]! - ZERO;
        if (digit < 0 || digit > 9) return -1;
        part = part * 10 + digit;
      }
      const count = this.levels[level]!;
      if (part >= count) return -1;
      number = number * count + part;
    }
    return number;
  }

  /** How many branches a level has; level 0 has one, which is over all keys. */
  branches(level: number): number {
    return this.levels.slice(0, level).reduce((product, count) => product * count, 1);
  }

  /** What all keys below a branch begin with. */
  branch(level: number, number: number): Buffer {
    const below = this.size / this.branches(level);
    const digits = this.#digits.slice(0, level).reduce((sum, count) => sum + count + 1, 0);
    return this.key(number * below).subarray(0, this.#prefix.length + digits);
  }

  /** The branch of a level that a key is below. */
  branchOf(level: number, key: number): number {
    return Math.floor(key / (this.size / this.branches(level)));
  }
}
