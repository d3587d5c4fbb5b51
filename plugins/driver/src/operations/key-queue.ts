const FIRST_ROOM = 64;

/** Keys that are to be written, each when it comes due: first in, first out. */
export class KeyQueue {
  length = 0;
  #keys = new Float64Array(FIRST_ROOM);
  #dueAt = new Float64Array(FIRST_ROOM);
  #start = 0;

  push(key: number, dueAt: number): void {
    if (this.length === this.#keys.length) this.#grow();
    const place = (this.#start + this.length) & (this.#keys.length - 1);
    this.#keys[place] = key;
    this.#dueAt[place] = dueAt;
    this.length += 1;
  }

  /** When the first comes due, by performance.now(); Infinity: there is none. */
  get firstDueAt(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : this.#dueAt[this.#start]!;
  }

  /** Takes the first. */
  shift(): number {
    const key = this.#keys[this.#start]!;
    this.#start = (this.#start + 1) & (this.#keys.length - 1);
    this.length -= 1;
    return key;
  }

  /** Infinity: there is none. */
  smallest(): number {
    let smallest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.length; index += 1)
      smallest = Math.min(smallest, this.#keys[(this.#start + index) & (this.#keys.length - 1)]!);
    return smallest;
  }

  #grow(): void {
    const room = this.#keys.length;
    const [keys, dueAt] = [new Float64Array(room * 2), new Float64Array(room * 2)];
    for (let index = 0; index < this.length; index += 1) {
      const place = (this.#start + index) & (room - 1);
      keys[index] = this.#keys[place]!;
      dueAt[index] = this.#dueAt[place]!;
    }
    this.#keys = keys;
    this.#dueAt = dueAt;
    this.#start = 0;
  }
}
