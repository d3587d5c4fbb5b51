const FIRST_CAPACITY = 16;

/**
 * Ascending revisions at positions that never change their meaning by trimming: position n is the n-th revision since
 * the start, whatever of it is still held. Memory follows what is held, not what ever was.
 */
export class RevisionLog {
  #ring = new Float64Array(FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  /** The first position that is held. */
  start = 0;
  /** One after the last. */
  end = 0;
  /** The latest revision ever, held or not; 0 at first. */
  last = 0;
  /** The latest that is held no more; 0 at first. */
  trimmed = 0;

  /** The revision at a position that is held. */
  at(position: number): number {
    // Positions stay far below 2^53, yet may pass 2^31: `%` of a power of two, as bits.
    return this.#ring[position & this.#mask]!;
  }

  /** Adds the latest. */
  append(revision: number): void {
    if (this.end - this.start > this.#mask) this.#grow();
    this.#ring[this.end & this.#mask] = revision;
    this.end += 1;
    this.last = revision;
  }

  /** Adds one in the middle; those from `position` on move by one. */
  insert(position: number, revision: number): void {
    this.append(this.last);
    for (let i = this.end - 1; i > position; i -= 1) {
      this.#ring[i & this.#mask] = this.#ring[(i - 1) & this.#mask]!;
    }
    this.#ring[position & this.#mask] = revision;
    this.last = this.#ring[(this.end - 1) & this.#mask]!;
  }

  /** The first position that is held whose revision is not before `revision`; `end` if there is none. */
  find(revision: number): number {
    let low = this.start;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle) < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets what lies before a position. */
  trim(position: number): void {
    if (position <= this.start) return;
    this.trimmed = this.at(position - 1);
    this.start = position;
    const held = this.end - this.start;
    if (this.#mask >= FIRST_CAPACITY * 64 && held * 8 < this.#mask) this.#resize(nextPowerOfTwo(held * 2));
  }

  #grow(): void {
    this.#resize((this.#mask + 1) * 2);
  }

  #resize(capacity: number): void {
    const size = Math.max(capacity, FIRST_CAPACITY);
    const ring = new Float64Array(size);
    for (let i = this.start; i < this.end; i += 1) ring[i & (size - 1)] = this.at(i);
    this.#ring = ring;
    this.#mask = size - 1;
  }
}

function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, value)));
}
