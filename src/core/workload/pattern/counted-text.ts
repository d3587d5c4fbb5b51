import type { NodeHash } from './node-hash.ts';
import { NumberWriter } from './number-text.ts';
import type { CounterPart } from './pattern.ts';
import { copyBytes, type TextMaker } from './text-maker.ts';

/** A counter in a value: it counts the writes, round and round. */
export class CountedText implements TextMaker {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #names: NumberedText;
  readonly #count: number;

  constructor(part: CounterPart) {
    this.#names = new NumberedText(part);
    this.#count = part.count;
    this.minBytes = this.#names.bytesOf(0);
    this.maxBytes = this.#names.bytesOf(part.count - 1);
  }

  measure(hash: NodeHash): number {
    return this.#names.bytesOf(hash.turn % this.#count);
  }

  write(hash: NodeHash, bytes: Buffer, at: number): number {
    return this.#names.write(bytes, at, hash.turn % this.#count);
  }
}

/** A counter's text around each number. */
export class NumberedText {
  readonly #before: Buffer;
  readonly #after: Buffer;
  readonly #number: NumberWriter;

  constructor({ before, number, after }: CounterPart) {
    this.#before = Buffer.from(before);
    this.#after = Buffer.from(after);
    this.#number = new NumberWriter(number);
  }

  bytesOf(number: number): number {
    return this.#before.length + this.#number.bytesOf(number) + this.#after.length;
  }

  write(bytes: Buffer, at: number, number: number): number {
    const end = this.#number.write(bytes, copyBytes(this.#before, bytes, at), number);
    return copyBytes(this.#after, bytes, end);
  }

  /** The number in `bytes[start, end)`, were it such a text; -1 where there is none. */
  read(bytes: Buffer, start: number, end: number): number {
    return this.#number.read(bytes, start + this.#before.length, end - this.#after.length);
  }
}
