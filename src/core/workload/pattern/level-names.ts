import { NumberedText } from './counted-text.ts';
import type { NodeHash } from './node-hash.ts';
import type { CounterPart } from './pattern.ts';
import { copyBytes, type TextMaker } from './text-maker.ts';

/**
 * The names of one level, without the slash. A node has `count` children, `index` 0 to `count - 1`; `node` is the number
 * of the child among all nodes of its level: `parent * count + index`.
 */
export interface LevelNames {
  readonly count: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  bytesOf(index: number, node: number): number;
  /** Returns where it ends. */
  write(bytes: Buffer, at: number, index: number, node: number): number;
  /** Which child of `parent` the name `bytes[start, end)` is, if it is one: whoever asks compares. -1: none. */
  indexOf(bytes: Buffer, start: number, end: number, parent: number): number;
}

/** A literal, or the address: one child. */
export class FixedName implements LevelNames {
  readonly count = 1;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #name: Buffer;

  constructor(name: string) {
    this.#name = Buffer.from(name);
    this.minBytes = this.#name.length;
    this.maxBytes = this.#name.length;
  }

  bytesOf(): number {
    return this.maxBytes;
  }

  write(bytes: Buffer, at: number): number {
    return copyBytes(this.#name, bytes, at);
  }

  indexOf(): number {
    return 0;
  }
}

export class CounterNames implements LevelNames {
  readonly count: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #names: NumberedText;

  constructor(part: CounterPart) {
    this.count = part.count;
    this.#names = new NumberedText(part);
    this.minBytes = this.#names.bytesOf(0);
    this.maxBytes = this.#names.bytesOf(part.count - 1);
  }

  bytesOf(index: number): number {
    return this.minBytes === this.maxBytes ? this.maxBytes : this.#names.bytesOf(index);
  }

  write(bytes: Buffer, at: number, index: number): number {
    return this.#names.write(bytes, at, index);
  }

  indexOf(bytes: Buffer, start: number, end: number): number {
    return this.#names.read(bytes, start, end);
  }
}

/** A set: each of its values is a child. */
export class SetNames implements LevelNames {
  readonly count: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #names: readonly Buffer[];
  /** Indices of the names, in the order of their bytes. */
  readonly #sorted: Uint32Array;

  constructor(values: readonly string[]) {
    this.#names = values.map((value) => Buffer.from(value));
    this.count = values.length;
    this.minBytes = Math.min(...this.#names.map(({ length }) => length));
    this.maxBytes = Math.max(...this.#names.map(({ length }) => length));
    this.#sorted = Uint32Array.from(this.#names.keys()).sort((a, b) => this.#names[a]!.compare(this.#names[b]!));
  }

  bytesOf(index: number): number {
    return this.#names[index]!.length;
  }

  write(bytes: Buffer, at: number, index: number): number {
    return copyBytes(this.#names[index]!, bytes, at);
  }

  indexOf(bytes: Buffer, start: number, end: number): number {
    let [low, high] = [0, this.count - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const index = this.#sorted[middle]!;
      const order = bytes.compare(this.#names[index]!, 0, undefined, start, end);
      if (order === 0) return index;
      if (order > 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** One generated child for each node: the same for the same node. */
export class GeneratedName implements LevelNames {
  readonly count = 1;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #maker: TextMaker;
  readonly #hash: NodeHash;

  constructor(maker: TextMaker, hash: NodeHash) {
    this.#maker = maker;
    this.#hash = hash;
    this.minBytes = maker.minBytes;
    this.maxBytes = maker.maxBytes;
  }

  bytesOf(_index: number, node: number): number {
    if (this.minBytes === this.maxBytes) return this.maxBytes;
    this.#hash.begin(node);
    return this.#maker.measure(this.#hash);
  }

  write(bytes: Buffer, at: number, _index: number, node: number): number {
    this.#hash.begin(node);
    return this.#maker.write(this.#hash, bytes, at);
  }

  indexOf(): number {
    return 0;
  }
}
