import { InputError } from '../../errors/index.ts';
import { CharacterRun } from './character-text.ts';
import type { LevelNames } from './level-names.ts';
import { NodeHash } from './node-hash.ts';
import { Shuffle } from './shuffle.ts';
import type { TextMaker } from './text-maker.ts';

/** Characters of a run that carry which child it is. */
interface Carrier {
  readonly item: number;
  readonly characters: number;
}

/**
 * Several generated children for each node, none like another, without a list of them: the child's number is shuffled
 * and written, as digits whose characters are those of the expression's classes, into the first characters that can be
 * chosen. What decides where these are (alternatives, lengths) is the same for all children of a node, but for one
 * length where it alone varies.
 */
export class SiblingNames implements LevelNames {
  readonly count: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #items: readonly TextMaker[];
  readonly #carriers: readonly Carrier[];
  readonly #shuffle: Shuffle;
  /** Least characters of a run: as many as it must carry. */
  readonly #least: readonly number[];
  /** The run that each child has its own length of; -1: none. */
  readonly #loose: number;
  readonly #ofParent: NodeHash;
  readonly #ofChild: NodeHash;
  /** Where the items begin that were written or read last. */
  readonly #starts: Int32Array;

  /** Throws InputError where the expression has no room for so many. */
  constructor(items: readonly TextMaker[], count: number, text: string, seed: number, level: number) {
    this.count = count;
    this.#items = items;
    const { carriers, capacity } = chooseCarriers(items, count, text);
    this.#carriers = carriers;
    this.#shuffle = new Shuffle(capacity);
    this.#least = items.map((item, index) =>
      Math.max(item.minBytes, carriers.find((carrier) => carrier.item === index)?.characters ?? 0),
    );
    const varying = items.flatMap((item, index) => (item.maxBytes > this.#least[index]! ? [index] : []));
    const [only = -1] = varying;
    this.#loose = varying.length === 1 && items[only] instanceof CharacterRun ? only : -1;
    this.minBytes = this.#least.reduce((sum, bytes) => sum + bytes, 0);
    this.maxBytes = items.reduce((sum, { maxBytes }) => sum + maxBytes, 0);
    this.#ofParent = new NodeHash(seed, 2 * level);
    this.#ofChild = new NodeHash(seed, 2 * level + 1);
    this.#starts = new Int32Array(items.length);
  }

  bytesOf(index: number, node: number): number {
    if (this.minBytes === this.maxBytes) return this.maxBytes;
    this.#ofParent.begin((node - index) / this.count);
    this.#ofParent.next();
    this.#ofChild.begin(node);
    let length = 0;
    for (let i = 0; i < this.#items.length; i += 1) {
      const item = this.#items[i]!;
      length += item instanceof CharacterRun ? this.#lengthOf(item, i) : item.measure(this.#ofParent);
    }
    return length;
  }

  write(bytes: Buffer, at: number, index: number, node: number): number {
    this.#ofParent.begin((node - index) / this.count);
    const key = this.#ofParent.next();
    this.#ofChild.begin(node);
    // Lengths come first, as in bytesOf: what is written draws words of its own.
    let end = at;
    for (let i = 0; i < this.#items.length; i += 1) {
      const item = this.#items[i]!;
      this.#starts[i] = end;
      if (item instanceof CharacterRun) end += this.#lengthOf(item, i);
      else end = item.write(this.#ofParent, bytes, end);
    }
    for (let i = 0; i < this.#items.length; i += 1) {
      const item = this.#items[i]!;
      const start = this.#starts[i]!;
      const next = i + 1 < this.#items.length ? this.#starts[i + 1]! : end;
      if (item instanceof CharacterRun) item.writeLength(this.#ofChild, bytes, start, next - start);
    }
    this.#carry(bytes, this.#shuffle.map(index, key));
    return end;
  }

  indexOf(bytes: Buffer, start: number, end: number, parent: number): number {
    this.#ofParent.begin(parent);
    const key = this.#ofParent.next();
    let place = start;
    for (let i = 0; i < this.#items.length; i += 1) {
      const item = this.#items[i]!;
      this.#starts[i] = place;
      // All others have one length each.
      if (i === this.#loose) place += end - start - (this.minBytes - this.#least[i]!);
      else place += item instanceof CharacterRun ? this.#lengthOf(item, i) : item.measure(this.#ofParent);
    }
    if (place !== end) return -1;
    const carried = this.#read(bytes);
    if (carried < 0) return -1;
    const index = this.#shuffle.unmap(carried, key);
    return index < this.count ? index : -1;
  }

  #lengthOf(run: CharacterRun, item: number): number {
    const least = this.#least[item]!;
    if (run.maxBytes === least) return least;
    return least + (item === this.#loose ? this.#ofChild : this.#ofParent).below(run.maxBytes - least + 1);
  }

  #carry(bytes: Buffer, number: number): void {
    let rest = number;
    for (let i = 0; i < this.#carriers.length; i += 1) {
      const { item, characters } = this.#carriers[i]!;
      const run = this.#items[item] as CharacterRun;
      const start = this.#starts[item]!;
      for (let at = start; at < start + characters; at += 1) {
        const quotient = Math.floor(rest / run.size);
        bytes[at] = run.byteAt(rest - quotient * run.size);
        rest = quotient;
      }
    }
  }

  /** -1: these are not characters of the expression. */
  #read(bytes: Buffer): number {
    let number = 0;
    let unit = 1;
    for (let i = 0; i < this.#carriers.length; i += 1) {
      const { item, characters } = this.#carriers[i]!;
      const run = this.#items[item] as CharacterRun;
      const start = this.#starts[item]!;
      for (let at = start; at < start + characters; at += 1) {
        const digit = run.indexOf(bytes[at]!);
        if (digit < 0) return -1;
        number += digit * unit;
        unit *= run.size;
      }
    }
    return number;
  }
}

function chooseCarriers(
  items: readonly TextMaker[],
  count: number,
  text: string,
): { readonly carriers: readonly Carrier[]; readonly capacity: number } {
  const carriers: Carrier[] = [];
  let capacity = 1;
  for (const [item, run] of items.entries()) {
    if (!(run instanceof CharacterRun)) continue;
    let characters = 0;
    for (; capacity < count && characters < run.maxBytes && run.size > 1; characters += 1) capacity *= run.size;
    if (characters > 0) carriers.push({ item, characters });
  }
  if (capacity < count)
    throw new InputError(`${text} has room for ${capacity} different names only, not for ${count} beside each other`, {
      hint: 'let more of it vary ([a-z0-9]{20}), or write a counter or a rule in its place',
    });
  if (capacity > Number.MAX_SAFE_INTEGER) throw new InputError(`${count} names beside each other are too many`);
  return { carriers, capacity };
}
