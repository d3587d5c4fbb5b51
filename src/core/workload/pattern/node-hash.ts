/**
 * Random 32-bit words that a number determines: the same for the same seed, salt and number, whenever it is asked. What
 * is generated for a node of a pattern comes from its number, so that nothing need be kept.
 *
 * Numbers (up to 2^53) are mixed into 64 bits of state one to one, so that no two of them begin alike; words follow by
 * xoroshiro64** (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", 2018). Not for secrets.
 */
export class NodeHash {
  readonly #saltA: number;
  readonly #saltB: number;
  #a = 0;
  #b = 0;
  /** The second number, if there was one. */
  turn = 0;

  /** @param salt tells apart what has the same seed: levels, say */
  constructor(seed: number, salt: number) {
    const high = Math.floor(seed / 2 ** 32) | 0;
    this.#saltA = mix((seed | 0) ^ mix(salt + 0x9e37_79b9));
    this.#saltB = mix(high ^ mix(this.#saltA + salt));
  }

  /** Begins the words of `number`. */
  begin(number: number): void {
    const a = mix(number ^ this.#saltA);
    const b = mix((number > 0xffff_ffff ? Math.floor(number / 0x1_0000_0000) : 0) ^ this.#saltB ^ a);
    this.#a = mix(a ^ b);
    this.#b = b;
    this.turn = 0;
  }

  /** Begins the words of two numbers. */
  beginPair(number: number, turn: number): void {
    this.begin(number);
    const a = mix(this.#a ^ turn);
    const b = mix((turn > 0xffff_ffff ? Math.floor(turn / 0x1_0000_0000) : 0) ^ this.#b ^ a);
    this.#a = mix(a ^ b);
    this.#b = b;
    this.turn = turn;
  }

  /** The next word, -2^31 to 2^31 - 1. */
  next(): number {
    const a = this.#a;
    const b = this.#b ^ a;
    const scrambled = Math.imul(a, 0x9e37_79bb);
    this.#a = ((a << 26) | (a >>> 6)) ^ b ^ (b << 9);
    this.#b = (b << 13) | (b >>> 19);
    return Math.imul((scrambled << 5) | (scrambled >>> 27), 5);
  }

  /** The next word as a number from 0 to `limit - 1`; `limit` is far below 2^32. */
  below(limit: number): number {
    return Math.floor((this.next() >>> 0) * 2 ** -32 * limit);
  }
}

/** One to one on 32 bits (finalizer of MurmurHash3). */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
