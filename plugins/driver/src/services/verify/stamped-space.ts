import type { PatternLevel, PatternSpace, PatternValues } from '@etcdperf/core/workload';

/** A space with other values. */
export class StampedSpace implements PatternSpace {
  readonly text: string;
  readonly levels: readonly PatternLevel[];
  readonly size: number;
  readonly maxKeyBytes: number;
  readonly values: PatternValues;
  readonly #space: PatternSpace;

  constructor(space: PatternSpace, values: PatternValues) {
    this.text = space.text;
    this.levels = space.levels;
    this.size = space.size;
    this.maxKeyBytes = space.maxKeyBytes;
    this.values = values;
    this.#space = space;
  }

  nodesAt(level: number): number {
    return this.#space.nodesAt(level);
  }

  keysBelow(level: number): number {
    return this.#space.keysBelow(level);
  }

  keyBytesOf(key: number): number {
    return this.#space.keyBytesOf(key);
  }

  writeKey(bytes: Buffer, at: number, key: number): number {
    return this.#space.writeKey(bytes, at, key);
  }

  writeNode(bytes: Buffer, at: number, level: number, node: number): number {
    return this.#space.writeNode(bytes, at, level, node);
  }

  keyAt(bytes: Buffer, start: number, end: number): number {
    return this.#space.keyAt(bytes, start, end);
  }
}
