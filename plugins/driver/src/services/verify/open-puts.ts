/** No place in the pool: lists end with it, empty ones begin with it. */
const NOWHERE = 0;
const FIRST_CAPACITY = 1024;

/**
 * Puts that may still happen or may have happened: in flight, or without an answer. A list for each key, all in one pool
 * that grows up to a bound.
 */
export class OpenPuts {
  /** Places in use. */
  size = 0;
  /** Bytes for each place. */
  static readonly bytesEach = 8 + 8 + 4 + 1;
  readonly #most: number;
  readonly #heads: Int32Array;
  #writes = new Float64Array(FIRST_CAPACITY);
  #seenAt = new Float64Array(FIRST_CAPACITY);
  #next = new Int32Array(FIRST_CAPACITY);
  #isUnknown = new Uint8Array(FIRST_CAPACITY);
  #free = NOWHERE;
  #used = 1;

  /** @param slots keys that there can be lists of */
  constructor(slots: number, most: number) {
    this.#heads = new Int32Array(slots);
    this.#most = most;
  }

  /** Returns false where there is no room for it. */
  add(slot: number, write: number): boolean {
    let place = this.#free;
    if (place !== NOWHERE) this.#free = this.#next[place]!;
    else {
      if (this.#used > this.#most) return false;
      if (this.#used === this.#writes.length) this.#grow();
      place = this.#used;
      this.#used += 1;
    }
    this.#writes[place] = write;
    this.#seenAt[place] = 0;
    this.#isUnknown[place] = 0;
    this.#next[place] = this.#heads[slot]!;
    this.#heads[slot] = place;
    this.size += 1;
    return true;
  }

  /** Its place; 0: it isn't open. */
  find(slot: number, write: number): number {
    let place = this.#heads[slot]!;
    while (place !== NOWHERE && this.#writes[place] !== write) place = this.#next[place]!;
    return place;
  }

  hasAny(slot: number): boolean {
    return this.#heads[slot] !== NOWHERE;
  }

  remove(slot: number, place: number): void {
    if (this.#heads[slot] === place) this.#heads[slot] = this.#next[place]!;
    else {
      let before = this.#heads[slot]!;
      while (this.#next[before] !== place) before = this.#next[before]!;
      this.#next[before] = this.#next[place]!;
    }
    this.#next[place] = this.#free;
    this.#free = place;
    this.size -= 1;
  }

  /** The revision it was seen at, by a read or a watcher; 0: not yet. */
  seenAt(place: number): number {
    return this.#seenAt[place]!;
  }

  setSeenAt(place: number, revision: number): void {
    this.#seenAt[place] = revision;
  }

  isUnknown(place: number): boolean {
    return this.#isUnknown[place] === 1;
  }

  setUnknown(place: number): void {
    this.#isUnknown[place] = 1;
  }

  #grow(): void {
    const capacity = this.#writes.length * 2;
    this.#writes = grown(Float64Array, this.#writes, capacity);
    this.#seenAt = grown(Float64Array, this.#seenAt, capacity);
    this.#next = grown(Int32Array, this.#next, capacity);
    this.#isUnknown = grown(Uint8Array, this.#isUnknown, capacity);
  }
}

/** A longer one with the same beginning. */
export function grown<T extends Float64Array | Int32Array | Uint8Array>(
  Kind: new (length: number) => T,
  array: T,
  length: number,
): T {
  const longer = new Kind(length);
  longer.set(array);
  return longer;
}
