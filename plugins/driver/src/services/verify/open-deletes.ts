interface OpenDelete {
  readonly firstKey: number;
  readonly endKey: number;
  /** It will never have an answer. */
  isUnknown: boolean;
  /** For so many of the same range it stands. */
  times: number;
}

/** Deletes of key ranges that may still happen or may have happened: in flight, or without an answer. */
export class OpenDeletes {
  /** There was one without an answer. */
  hadUnknown = false;
  readonly #most: number;
  readonly #deletes: OpenDelete[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Returns false where there is no room for it. */
  add(firstKey: number, endKey: number): boolean {
    if (this.#deletes.length >= this.#most) return false;
    this.#deletes.push({ firstKey, endKey, isUnknown: false, times: 1 });
    return true;
  }

  /** One in flight of this range has its answer. */
  remove(firstKey: number, endKey: number): void {
    this.#forget(this.#find(firstKey, endKey, false));
  }

  /** One in flight of this range will never have one. */
  setUnknown(firstKey: number, endKey: number): void {
    this.hadUnknown = true;
    const place = this.#find(firstKey, endKey, false);
    if (place === -1) return;
    const before = this.#deletes[this.#find(firstKey, endKey, true)];
    if (before === undefined) this.#deletes[place]!.isUnknown = true;
    else {
      before.times += 1;
      this.#forget(place);
    }
  }

  /** Whether one may still happen to some of these keys. @param orUnknown also those without an answer */
  overlaps(firstKey: number, endKey: number, orUnknown = true): boolean {
    return this.#deletes.some((one) => one.firstKey < endKey && one.endKey > firstKey && (orUnknown || !one.isUnknown));
  }

  /**
   * The key was deleted just now by one of these. Returns the range if it can only have been one that has no answer:
   * that one can't happen any more.
   */
  see(key: number): { readonly firstKey: number; readonly endKey: number } | undefined {
    const possible = this.#deletes.filter((one) => one.firstKey <= key && one.endKey > key);
    const [only] = possible;
    if (only === undefined || possible.length > 1 || !only.isUnknown) return undefined;
    only.times -= 1;
    if (only.times === 0) this.#forget(this.#deletes.indexOf(only));
    return only;
  }

  #forget(place: number): void {
    if (place === -1) return;
    const last = this.#deletes.pop()!;
    if (place < this.#deletes.length) this.#deletes[place] = last;
  }

  #find(firstKey: number, endKey: number, isUnknown: boolean): number {
    return this.#deletes.findLastIndex(
      (one) => one.firstKey === firstKey && one.endKey === endKey && one.isUnknown === isUnknown,
    );
  }
}
