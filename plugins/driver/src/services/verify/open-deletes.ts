/** Deletes of key ranges that may still happen or may have happened: in flight, or without an answer. */
export class OpenDeletes {
  readonly #most: number;
  readonly #firsts: number[] = [];
  readonly #ends: number[] = [];
  readonly #isUnknown: boolean[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#firsts.length;
  }

  /** Returns false where there is no room for it. */
  add(firstKey: number, endKey: number): boolean {
    if (this.#firsts.length >= this.#most) return false;
    this.#firsts.push(firstKey);
    this.#ends.push(endKey);
    this.#isUnknown.push(false);
    return true;
  }

  /** One in flight of this range has its answer. */
  remove(firstKey: number, endKey: number): void {
    const place = this.#find(firstKey, endKey, false);
    if (place === -1) return;
    const last = this.#firsts.length - 1;
    this.#firsts[place] = this.#firsts[last]!;
    this.#ends[place] = this.#ends[last]!;
    this.#isUnknown[place] = this.#isUnknown[last]!;
    this.#firsts.pop();
    this.#ends.pop();
    this.#isUnknown.pop();
  }

  /** It will never have one. Of several of the same range one is kept. */
  setUnknown(firstKey: number, endKey: number): void {
    if (this.#find(firstKey, endKey, true) !== -1) {
      this.remove(firstKey, endKey);
      return;
    }
    const place = this.#find(firstKey, endKey, false);
    if (place !== -1) this.#isUnknown[place] = true;
  }

  /** @param orUnknown also those without an answer */
  overlaps(firstKey: number, endKey: number, orUnknown = true): boolean {
    for (let place = this.#firsts.length - 1; place >= 0; place -= 1)
      if (this.#firsts[place]! < endKey && this.#ends[place]! > firstKey && (orUnknown || !this.#isUnknown[place]))
        return true;
    return false;
  }

  #find(firstKey: number, endKey: number, isUnknown: boolean): number {
    for (let place = this.#firsts.length - 1; place >= 0; place -= 1)
      if (this.#firsts[place] === firstKey && this.#ends[place] === endKey && this.#isUnknown[place] === isUnknown)
        return place;
    return -1;
  }
}
