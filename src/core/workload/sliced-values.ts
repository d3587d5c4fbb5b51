import type { ValueSource } from './value-source.ts';

/** Slices of some bytes, one after the other, round and round. */
export class SlicedValues implements ValueSource {
  readonly length: number;
  /** The content; repeated if it is so short that a value would go round it more than once. */
  readonly #bytes: Buffer;
  #from = 0;

  /** @param content at least one byte, if `length` is not 0 */
  constructor(content: Buffer, length: number) {
    this.length = length;
    const rounds = Math.ceil(length / Math.max(1, content.length));
    this.#bytes = rounds <= 1 ? content : Buffer.alloc(rounds * content.length, content);
  }

  write(bytes: Buffer, at: number): void {
    const content = this.#bytes;
    const from = this.#from;
    const end = from + this.length;
    if (end < content.length) {
      content.copy(bytes, at, from, end);
      this.#from = end;
      return;
    }
    const beyond = end - content.length;
    content.copy(bytes, at, from, content.length);
    content.copy(bytes, at + this.length - beyond, 0, beyond);
    this.#from = beyond;
  }
}
