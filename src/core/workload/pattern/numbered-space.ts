import { InputError } from '../../errors/index.ts';
import type { LevelNames } from './level-names.ts';
import type { PatternLevel, PatternSpace, PatternValues } from './pattern-space.ts';

const SLASH = 0x2f;
const MOST_KEY_BYTES = 65_536;

/** Keys as numbers: each level is a digit of them, `count` its base. */
export class NumberedSpace implements PatternSpace {
  readonly text: string;
  readonly levels: readonly PatternLevel[];
  readonly size: number;
  readonly maxKeyBytes: number;
  readonly values: PatternValues;
  readonly #names: readonly LevelNames[];
  readonly #counts: Float64Array;
  /** Keys below each node of a level. */
  readonly #below: Float64Array;
  readonly #minKeyBytes: number;
  /** Of the key that is written or measured: its nodes by level. */
  readonly #nodes: Float64Array;
  readonly #scratch: Buffer;

  constructor(text: string, levels: readonly PatternLevel[], names: readonly LevelNames[], values: PatternValues) {
    this.text = text;
    this.levels = levels;
    this.values = values;
    this.#names = names;
    this.#counts = Float64Array.from(names, ({ count }) => count);
    this.#nodes = new Float64Array(names.length);
    this.#below = new Float64Array(names.length);
    let size = 1;
    for (let level = names.length - 1; level >= 0; level -= 1) {
      this.#below[level] = size;
      size *= this.#counts[level]!;
    }
    if (size > Number.MAX_SAFE_INTEGER)
      throw new InputError(`the pattern has ${size.toPrecision(3)} keys: 2^53 can be counted`, {
        hint: 'lower counts',
      });
    this.size = size;
    this.#minKeyBytes = names.reduce((sum, { minBytes }) => sum + 1 + minBytes, 0);
    this.maxKeyBytes = names.reduce((sum, { maxBytes }) => sum + 1 + maxBytes, 0);
    if (this.maxKeyBytes > MOST_KEY_BYTES)
      throw new InputError(`keys of ${this.maxKeyBytes} bytes are too long: ${MOST_KEY_BYTES} is the most`);
    this.#scratch = Buffer.alloc(this.maxKeyBytes);
  }

  nodesAt(level: number): number {
    return this.size / this.keysBelow(level);
  }

  keysBelow(level: number): number {
    const below = this.#below[level];
    if (below !== undefined) return below;
    throw new InputError(`there is no level ${level}: the pattern has levels 0 to ${this.levels.length - 1}`, {
      hint: `level 0 is /${this.levels[0]!.text}`,
    });
  }

  keyBytesOf(key: number): number {
    if (this.#minKeyBytes === this.maxKeyBytes) return this.maxKeyBytes;
    const names = this.#names;
    const nodes = this.#walk(names.length - 1, key);
    let length = names.length;
    let parent = 0;
    for (let level = 0; level < names.length; level += 1) {
      const node = nodes[level]!;
      length += names[level]!.bytesOf(node - parent * this.#counts[level]!, node);
      parent = node;
    }
    return length;
  }

  writeKey(bytes: Buffer, at: number, key: number): number {
    return this.writeNode(bytes, at, this.#names.length - 1, key);
  }

  writeNode(bytes: Buffer, at: number, level: number, node: number): number {
    const names = this.#names;
    const counts = this.#counts;
    const nodes = this.#walk(level, node);
    let end = at;
    let parent = 0;
    for (let i = 0; i <= level; i += 1) {
      const own = nodes[i]!;
      bytes[end] = SLASH;
      end = names[i]!.write(bytes, end + 1, own - parent * counts[i]!, own);
      parent = own;
    }
    return end;
  }

  keyAt(bytes: Buffer, start: number, end: number): number {
    if (end - start > this.maxKeyBytes) return -1;
    let key = 0;
    let at = start;
    for (let level = 0; level < this.#names.length; level += 1) {
      if (bytes[at] !== SLASH || at >= end) return -1;
      const first = at + 1;
      at = first;
      while (at < end && bytes[at] !== SLASH) at += 1;
      const index = this.#names[level]!.indexOf(bytes, first, at, key);
      const count = this.#counts[level]!;
      if (index < 0 || index >= count) return -1;
      key = key * count + index;
    }
    if (at !== end) return -1;
    // What has a number is not yet a name: leading zeros, say.
    const written = this.writeKey(this.#scratch, 0, key);
    return bytes.compare(this.#scratch, 0, written, start, end) === 0 ? key : -1;
  }

  /** The nodes from the first level down to `node` of `level`. */
  #walk(level: number, node: number): Float64Array {
    const counts = this.#counts;
    const nodes = this.#nodes;
    let own = node;
    for (let i = level; i >= 0; i -= 1) {
      nodes[i] = own;
      const count = counts[i]!;
      if (count !== 1) own = quotientOf(own, count);
    }
    return nodes;
  }
}

/** `floor(number / divisor)`: near 2^53 the division itself may be rounded up. */
function quotientOf(number: number, divisor: number): number {
  const quotient = Math.floor(number / divisor);
  return quotient * divisor > number ? quotient - 1 : quotient;
}
