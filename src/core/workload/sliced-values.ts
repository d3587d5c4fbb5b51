import type { ValueSource } from './value-source.ts';

/** Slices of some bytes, one after the other, round and round. */
export class SlicedValues implements ValueSource {
  readonly length: number;
  /** The bytes, and then so many of their beginning again that every slice is in one piece. */
  readonly #bytes: Buffer;
  readonly #period: number;
  #from = 0;

  /** @param content at least one byte, if `length` is not 0 */
  constructor(content: Buffer, length: number) {
    this.length = length;
    this.#period = Math.max(1, content.length);
    this.#bytes = Buffer.alloc(content.length + length, content);
  }

  write(bytes: Buffer, at: number): void {
    const from = this.#from;
    const end = from + this.length;
    this.#bytes.copy(bytes, at, from, end);
    this.#from = end % this.#period;
  }
}
