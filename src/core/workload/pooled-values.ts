import type { ValueSource } from './value-source.ts';

/** How far the slices are apart: a prime, so that they come through all of the pool. */
const STRIDE = 7919;
/** Of shorter values so many slices would be needed that they take more memory than they are worth. */
const SHORTEST_SLICED = 128;

/** Slices from a pool, each stamped with a number of its own, so that no two are alike. */
export class PooledValues implements ValueSource {
  readonly length: number;
  readonly #pool: Buffer;
  readonly #offsets: number;
  /** As many as the pool holds side by side; to copy one takes a quarter of the time of a copy by offsets. */
  readonly #slices: readonly Buffer[];
  readonly #stamp: 'binary' | 'digits';
  readonly #salt: number;
  #count = 0;

  /** @param pool more bytes than `length` */
  constructor(pool: Buffer, length: number, stamp: 'binary' | 'digits', seed: number) {
    this.length = length;
    this.#pool = pool;
    this.#offsets = pool.length - length;
    const slices = length < SHORTEST_SLICED ? 0 : Math.ceil(pool.length / length);
    this.#slices = Array.from({ length: slices }, (_, index) => {
      const from = this.#offsetOf(index);
      return pool.subarray(from, from + length);
    });
    this.#stamp = stamp;
    this.#salt = seed | 0;
  }

  write(bytes: Buffer, at: number): void {
    const slices = this.#slices;
    if (slices.length > 0) bytes.set(slices[this.#count % slices.length]!, at);
    else {
      const from = this.#offsetOf(this.#count);
      this.#pool.copy(bytes, at, from, from + this.length);
    }
    this.#count += 1;
    if (this.#stamp === 'binary') this.#stampBytes(bytes, at);
    else this.#stampDigits(bytes, at);
  }

  #offsetOf(index: number): number {
    return (index * STRIDE) % this.#offsets;
  }

  /** A hash that is one to one: as random as the rest, and never the same twice in 2^32 values. */
  #stampBytes(bytes: Buffer, at: number): void {
    let hash = (this.#count ^ this.#salt) | 0;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    hash ^= hash >>> 16;
    const end = at + Math.min(4, this.length);
    for (let i = at; i < end; i += 1) {
      bytes[i] = hash;
      hash >>>= 8;
    }
  }

  #stampDigits(bytes: Buffer, at: number): void {
    let rest = this.#count;
    for (let i = at + Math.min(10, this.length) - 1; i >= at; i -= 1) {
      const quotient = Math.floor(rest / 10);
      bytes[i] = 48 + rest - quotient * 10;
      rest = quotient;
    }
  }
}
