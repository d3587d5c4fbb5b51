import type { ValueSource } from './value-source.ts';

/** How far the slice moves from value to value: a prime, so that it comes through all of the pool. */
const STRIDE = 7919;

/** Slices from a pool, each stamped with a number of its own, so that no two are alike. */
export class PooledValues implements ValueSource {
  readonly length: number;
  readonly #pool: Buffer;
  readonly #offsets: number;
  readonly #stamp: 'binary' | 'digits';
  readonly #salt: number;
  #from = 0;
  #count = 0;

  /** @param pool more bytes than `length` */
  constructor(pool: Buffer, length: number, stamp: 'binary' | 'digits', seed: number) {
    this.length = length;
    this.#pool = pool;
    this.#offsets = pool.length - length;
    this.#stamp = stamp;
    this.#salt = seed | 0;
  }

  write(bytes: Buffer, at: number): void {
    const from = this.#from;
    this.#pool.copy(bytes, at, from, from + this.length);
    this.#from = (from + STRIDE) % this.#offsets;
    this.#count += 1;
    if (this.#stamp === 'binary') this.#stampBytes(bytes, at);
    else this.#stampDigits(bytes, at);
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
