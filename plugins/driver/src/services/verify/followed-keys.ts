/**
 * Which keys of a space are followed: one, at a place that the seed chooses, in each of so many stretches of equal
 * length; all of them where the stretches have one key each. Nothing is kept: a key's slot is computed from its number.
 */
export class FollowedKeys {
  readonly size: number;
  /** Slots: 0 to `count - 1`, in the order of their keys. */
  readonly count: number;
  readonly #stretch: number;
  readonly #seed: number;

  /** @param size of the space */
  constructor(size: number, count: number, seed: number) {
    this.size = size;
    this.count = Math.min(size, count);
    this.#stretch = size / this.count;
    this.#seed = seed | 0;
  }

  get isAll(): boolean {
    return this.count === this.size;
  }

  /** -1: not followed. */
  slotOf(key: number): number {
    if (this.count === this.size) return key < this.size ? key : -1;
    const slot = this.#stretchOf(key);
    return slot < this.count && this.keyOf(slot) === key ? slot : -1;
  }

  keyOf(slot: number): number {
    if (this.count === this.size) return slot;
    const start = this.#start(slot);
    const length = this.#start(slot + 1) - start;
    return start + Math.floor(fractionOf(slot, this.#seed) * length);
  }

  /** The first slot whose key is this one or a later one; `count` if there is none. */
  firstFrom(key: number): number {
    if (key >= this.size) return this.count;
    const slot = this.#stretchOf(key);
    return this.keyOf(slot) < key ? slot + 1 : slot;
  }

  #start(slot: number): number {
    return slot >= this.count ? this.size : Math.floor(slot * this.#stretch);
  }

  #stretchOf(key: number): number {
    let slot = Math.min(this.count, Math.floor(key / this.#stretch));
    // Quotients are rounded: a neighbour at most.
    while (slot > 0 && this.#start(slot) > key) slot -= 1;
    while (slot < this.count && this.#start(slot + 1) <= key) slot += 1;
    return slot;
  }
}

/** From 0 to below 1. */
function fractionOf(slot: number, seed: number): number {
  let hash = Math.imul(slot ^ seed, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
