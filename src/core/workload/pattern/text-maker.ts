import type { NodeHash } from './node-hash.ts';

/**
 * Makes text from the words of a hash: one object of a pattern, used for all its keys, without allocating. `measure` and
 * `write` draw the same words, so that what follows them is the same.
 */
export interface TextMaker {
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Bytes of the text that `write` would write. */
  measure(hash: NodeHash): number;
  /** Returns where it ends. */
  write(hash: NodeHash, bytes: Buffer, at: number): number;
}

/** Always the same. */
export class FixedText implements TextMaker {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #text: Buffer;

  constructor(text: string) {
    this.#text = Buffer.from(text);
    this.minBytes = this.#text.length;
    this.maxBytes = this.#text.length;
  }

  measure(): number {
    return this.maxBytes;
  }

  write(_hash: NodeHash, bytes: Buffer, at: number): number {
    return copyBytes(this.#text, bytes, at);
  }
}

/** A few bytes are copied quicker by a loop. */
export function copyBytes(from: Buffer, bytes: Buffer, at: number): number {
  const { length } = from;
  if (length > 24) from.copy(bytes, at);
  else for (let i = 0; i < length; i += 1) bytes[at + i] = from[i]!;
  return at + length;
}

/** One after the other. */
export class SequenceText implements TextMaker {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #items: readonly TextMaker[];

  constructor(items: readonly TextMaker[]) {
    this.#items = items;
    this.minBytes = items.reduce((sum, { minBytes }) => sum + minBytes, 0);
    this.maxBytes = items.reduce((sum, { maxBytes }) => sum + maxBytes, 0);
  }

  measure(hash: NodeHash): number {
    const items = this.#items;
    let length = 0;
    for (let i = 0; i < items.length; i += 1) length += items[i]!.measure(hash);
    return length;
  }

  write(hash: NodeHash, bytes: Buffer, at: number): number {
    const items = this.#items;
    let end = at;
    for (let i = 0; i < items.length; i += 1) end = items[i]!.write(hash, bytes, end);
    return end;
  }
}

/** One of several, all equally likely. */
export class ChoiceText implements TextMaker {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #options: readonly TextMaker[];

  constructor(options: readonly TextMaker[]) {
    this.#options = options;
    this.minBytes = Math.min(...options.map(({ minBytes }) => minBytes));
    this.maxBytes = Math.max(...options.map(({ maxBytes }) => maxBytes));
  }

  measure(hash: NodeHash): number {
    return this.#options[hash.below(this.#options.length)]!.measure(hash);
  }

  write(hash: NodeHash, bytes: Buffer, at: number): number {
    return this.#options[hash.below(this.#options.length)]!.write(hash, bytes, at);
  }
}

/** `min` to `max` times, each time anew. */
export class RepeatedText implements TextMaker {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #item: TextMaker;
  readonly #min: number;
  readonly #times: number;

  constructor(item: TextMaker, min: number, max: number) {
    this.#item = item;
    this.#min = min;
    this.#times = max - min + 1;
    this.minBytes = item.minBytes * min;
    this.maxBytes = item.maxBytes * max;
  }

  measure(hash: NodeHash): number {
    let length = 0;
    for (let left = this.#draw(hash); left > 0; left -= 1) length += this.#item.measure(hash);
    return length;
  }

  write(hash: NodeHash, bytes: Buffer, at: number): number {
    let end = at;
    for (let left = this.#draw(hash); left > 0; left -= 1) end = this.#item.write(hash, bytes, end);
    return end;
  }

  #draw(hash: NodeHash): number {
    return this.#times === 1 ? this.#min : this.#min + hash.below(this.#times);
  }
}
