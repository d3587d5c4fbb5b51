import type { PatternValues } from '@etcdperf/core/workload';
import type { StampCodec } from './stamp-codec.ts';

/** Values of a pattern that can be checked: their sizes stay, their last bytes are the stamp. */
export class StampedValues implements PatternValues {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #values: PatternValues;
  readonly #codec: StampCodec;

  constructor(values: PatternValues, codec: StampCodec) {
    this.minBytes = values.minBytes;
    this.maxBytes = values.maxBytes;
    this.#values = values;
    this.#codec = codec;
  }

  bytesOf(key: number, write: number): number {
    return this.#values.bytesOf(key, write);
  }

  write(bytes: Buffer, at: number, key: number, write: number): number {
    const end = this.#values.write(bytes, at, key, write);
    this.#codec.write(bytes, at, end, key, write);
    return end;
  }
}
