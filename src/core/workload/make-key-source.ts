import type { KeyDistribution, KeySource, KeySpace } from './key-source.ts';
import { KeyWriter } from './key-writer.ts';
import { type KeyShare, makeNumberChooser, type NumberChooser } from './number-chooser.ts';

/**
 * The keys that one thread uses. The threads of a load complete each other: sequential ones interleave, the others
 * prefer the same keys. Throws InputError for a key space that can't be: too few digits for its size, say.
 */
export function makeKeySource(space: KeySpace, distribution: KeyDistribution, share: KeyShare): KeySource {
  return new NumberedKeys(space, distribution, share);
}

class NumberedKeys implements KeySource {
  readonly space: KeySpace;
  readonly length: number;
  readonly #writer: KeyWriter;
  readonly #numbers: NumberChooser;

  constructor(space: KeySpace, distribution: KeyDistribution, share: KeyShare) {
    this.space = space;
    this.#writer = new KeyWriter(space);
    this.length = this.#writer.length;
    this.#numbers = makeNumberChooser(space.size, distribution, share);
  }

  next(): number {
    return this.#numbers.next();
  }

  write(bytes: Buffer, at: number, number: number): void {
    this.#writer.write(bytes, at, number);
  }
}
