/**
 * Pseudo-random numbers that a seed determines: sfc32 ("small fast counting", 32 bit; Chris Doty-Humphrey, PractRand).
 * Good enough for spreading load, quick, and without allocation; not for secrets.
 */
export class Random {
  readonly #state = new Int32Array(4);

  /** @param seed any number; its integer part and its first 32 fractional bits count */
  constructor(seed: number) {
    const whole = Math.trunc(seed);
    this.#state[0] = whole;
    this.#state[1] = Math.floor(whole / 2 ** 32);
    this.#state[2] = (seed - whole) * 2 ** 32;
    this.#state[3] = 1;
    // Seeds that are alike begin alike: by then they have parted.
    for (let i = 0; i < 15; i += 1) this.int32();
  }

  /** -2^31 to 2^31 - 1, all equally likely. */
  int32(): number {
    const state = this.#state;
    const b = state[1]!;
    const c = state[2]!;
    const counter = state[3]!;
    const result = (((state[0]! + b) | 0) + counter) | 0;
    state[3] = counter + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + result;
    return result;
  }

  /** From 0 to below 1, in steps of 2^-53. */
  fraction(): number {
    return ((this.int32() >>> 5) * 67_108_864 + (this.int32() >>> 6)) * 2 ** -53;
  }

  /** 0 to `limit - 1`; for any limit up to 2^53 no number is likelier by more than `limit / 2^53`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }
}
