/**
 * Maps 0 … size - 1 one to one onto itself, with neighbours far apart: the most wanted keys should not lie side by
 * side. The same for every thread and every run.
 *
 * A Feistel network over a rectangle of `rows × columns ≥ size` with additions instead of XOR: each round shifts one
 * coordinate by a hash of the other, which can be undone. What falls outside is mapped again until it is inside
 * (Black & Rogaway, "Ciphers with arbitrary finite domains", 2002); the rectangle is hardly larger than `size`.
 */
export class Scatter {
  readonly #size: number;
  readonly #rows: number;
  readonly #columns: number;

  /** @param size 1 to 2^53 - 1 */
  constructor(size: number) {
    this.#size = size;
    this.#columns = Math.ceil(Math.sqrt(size));
    this.#rows = Math.ceil(size / this.#columns);
  }

  /** @param rank 0 to `size - 1` */
  map(rank: number): number {
    const rows = this.#rows;
    const columns = this.#columns;
    let place = rank;
    do {
      let row = (place / columns) | 0;
      let column = (place - row * columns) | 0;
      row = (row + mix(column ^ 0x2545_f491)) % rows;
      column = (column + mix(row ^ 0x1b87_3593)) % columns;
      row = (row + mix(column ^ 0x68e3_1da4)) % rows;
      place = row * columns + column;
    } while (place >= this.#size);
    return place;
  }
}

/** A 30-bit hash of a 32-bit integer; with a coordinate added it stays within 31 bits, where arithmetic is quick. */
function mix(value: number): number {
  const hash = Math.imul(value, 0x85eb_ca6b);
  return Math.imul(hash ^ (hash >>> 15), 0xc2b2_ae35) >>> 2;
}
