const FIRST_CAPACITY = 256;
const NONE = -1;

/** Moments at which something came, kept by slot until they are taken. Nodes of linked lists in typed arrays. */
export class EarlyArrivals {
  readonly #first: Int32Array;
  #next = new Int32Array(FIRST_CAPACITY);
  #at = new Float64Array(FIRST_CAPACITY);
  #counts = new Float64Array(FIRST_CAPACITY);
  #free = NONE;
  #used = 0;

  constructor(slots: number) {
    this.#first = new Int32Array(slots).fill(NONE);
  }

  /** `count` things came at that moment. */
  add(slot: number, at: number, count: number): void {
    const node = this.#allocate();
    this.#at[node] = at;
    this.#counts[node] = count;
    this.#next[node] = this.#first[slot]!;
    this.#first[slot] = node;
  }

  has(slot: number): boolean {
    return this.#first[slot] !== NONE;
  }

  /** Tells all of a slot, and forgets them. */
  take(slot: number, tell: (at: number, count: number) => void): void {
    let node = this.#first[slot]!;
    this.#first[slot] = NONE;
    while (node !== NONE) {
      tell(this.#at[node]!, this.#counts[node]!);
      const next = this.#next[node]!;
      this.#next[node] = this.#free;
      this.#free = node;
      node = next;
    }
  }

  #allocate(): number {
    if (this.#free !== NONE) {
      const node = this.#free;
      this.#free = this.#next[node]!;
      return node;
    }
    if (this.#used === this.#next.length) this.#grow();
    this.#used += 1;
    return this.#used - 1;
  }

  #grow(): void {
    const size = this.#next.length * 2;
    const next = new Int32Array(size);
    next.set(this.#next);
    this.#next = next;
    const at = new Float64Array(size);
    at.set(this.#at);
    this.#at = at;
    const counts = new Float64Array(size);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}
