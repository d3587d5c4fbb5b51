import { bytesFieldSize, writeBytesFieldHead } from '@etcdperf/core/wire';
import type { PatternKeys } from './pattern-keys.ts';

/** PutRequest.key and .value. */
const KEY = 1;
const VALUE = 2;

/** A PutRequest of a pattern's key and value, one after the other, without an object for each. */
export class PatternPut {
  readonly #keys: PatternKeys;
  #key = 0;
  #write = 0;
  #keyBytes = 0;
  #valueBytes = 0;

  constructor(keys: PatternKeys) {
    this.#keys = keys;
  }

  /** Chooses what `write()` writes; returns how many bytes that will be. */
  choose(key: number): number {
    const { space } = this.#keys;
    this.#key = key;
    this.#write = this.#keys.nextWrite();
    this.#keyBytes = space.keyBytesOf(key);
    this.#valueBytes = space.values.bytesOf(key, this.#write);
    return bytesFieldSize(this.#keyBytes) + bytesFieldSize(this.#valueBytes);
  }

  /** Returns where it ends. */
  write(bytes: Buffer, at: number): number {
    const { space } = this.#keys;
    let end = writeBytesFieldHead(bytes, at, KEY, this.#keyBytes);
    end = space.writeKey(bytes, end, this.#key);
    end = writeBytesFieldHead(bytes, end, VALUE, this.#valueBytes);
    return space.values.write(bytes, end, this.#key, this.#write);
  }
}
