/**
 * Maps 0 … size - 1 one to one onto itself, another way for each key, and back. As `Scatter`: a Feistel network over a
 * rectangle hardly larger than `size`, with additions, walked on until it is inside.
 */
export class Shuffle {
  readonly #size: number;
  readonly #rows: number;
  readonly #columns: number;

  /** @param size 1 to 2^53 */
  constructor(size: number) {
    this.#size = size;
    this.#columns = Math.ceil(Math.sqrt(size));
    this.#rows = Math.ceil(size / this.#columns);
  }

  map(number: number, key: number): number {
    const rows = this.#rows;
    const columns = this.#columns;
    let place = number;
    do {
      let row = Math.floor(place / columns);
      let column = place - row * columns;
      row = (row + mix(column, key)) % rows;
      column = (column + mix(row, key ^ 0x2545_f491)) % columns;
      row = (row + mix(column, key ^ 0x68e3_1da4)) % rows;
      column = (column + mix(row, key ^ 0x1b87_3593)) % columns;
      place = row * columns + column;
    } while (place >= this.#size);
    return place;
  }

  /** The number that `map` takes to `place`. */
  unmap(place: number, key: number): number {
    const rows = this.#rows;
    const columns = this.#columns;
    let number = place;
    do {
      let row = Math.floor(number / columns);
      let column = number - row * columns;
      column = behind(column, mix(row, key ^ 0x1b87_3593), columns);
      row = behind(row, mix(column, key ^ 0x68e3_1da4), rows);
      column = behind(column, mix(row, key ^ 0x2545_f491), columns);
      row = behind(row, mix(column, key), rows);
      number = row * columns + column;
    } while (number >= this.#size);
    return number;
  }
}

function behind(from: number, steps: number, length: number): number {
  const back = (from - steps) % length;
  // 0 is added so that -0 becomes 0.
  return back < 0 ? back + length : back + 0;
}

/** A hash of 30 bits. */
function mix(value: number, key: number): number {
  let hash = Math.imul(value ^ key, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2_ae35);
  hash ^= hash >>> 16;
  return hash >>> 2;
}
