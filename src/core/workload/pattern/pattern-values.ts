import { InputError } from '../../errors/index.ts';
import { CharacterRun } from './character-text.ts';
import { NodeHash } from './node-hash.ts';
import type { PatternValues } from './pattern-space.ts';
import type { TextMaker } from './text-maker.ts';

/** Tells values from names of the same seed. */
const VALUE_SALT = -1;

/** @param text the value pattern, for what is told the user */
export function patternValues(
  makers: readonly TextMaker[],
  text: string,
  options: { readonly seed: number; readonly bytes: { readonly min: number; readonly max: number } | undefined },
): PatternValues {
  const hash = new NodeHash(options.seed, VALUE_SALT);
  const { bytes } = options;
  return bytes === undefined ? new PlainValues(makers, hash) : new SizedValues(makers, hash, bytes, text);
}

class PlainValues implements PatternValues {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #makers: readonly TextMaker[];
  readonly #hash: NodeHash;

  constructor(makers: readonly TextMaker[], hash: NodeHash) {
    this.#makers = makers;
    this.#hash = hash;
    this.minBytes = makers.reduce((sum, { minBytes }) => sum + minBytes, 0);
    this.maxBytes = makers.reduce((sum, { maxBytes }) => sum + maxBytes, 0);
  }

  bytesOf(key: number, write: number): number {
    if (this.minBytes === this.maxBytes) return this.maxBytes;
    const hash = this.#hash;
    hash.beginPair(key, write);
    let length = 0;
    for (let i = 0; i < this.#makers.length; i += 1) length += this.#makers[i]!.measure(hash);
    return length;
  }

  write(bytes: Buffer, at: number, key: number, write: number): number {
    const hash = this.#hash;
    hash.beginPair(key, write);
    let end = at;
    for (let i = 0; i < this.#makers.length; i += 1) end = this.#makers[i]!.write(hash, bytes, end);
    return end;
  }
}

/** Values of sizes that the user asked for: the last run of characters is made as long as it takes. */
class SizedValues implements PatternValues {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly #before: readonly TextMaker[];
  readonly #run: CharacterRun;
  readonly #after: readonly TextMaker[];
  readonly #afterBytes: number;
  readonly #hash: NodeHash;

  constructor(
    makers: readonly TextMaker[],
    hash: NodeHash,
    { min, max }: { readonly min: number; readonly max: number },
    text: string,
  ) {
    const at = makers.findLastIndex((maker) => maker instanceof CharacterRun);
    const run = makers[at];
    if (!(run instanceof CharacterRun))
      throw new InputError(`values of ${min} to ${max} bytes: nothing in ${text} can be made longer or shorter`, {
        hint: 'let the value pattern have a part like [0-9]{100} or #100',
      });
    this.minBytes = min;
    this.maxBytes = max;
    this.#run = run;
    this.#before = makers.slice(0, at);
    this.#after = makers.slice(at + 1);
    this.#afterBytes = this.#after.reduce((sum, { maxBytes }) => sum + maxBytes, 0);
    this.#hash = hash;
    if (this.#after.some((maker) => maker.minBytes !== maker.maxBytes))
      throw new InputError(`values of ${min} to ${max} bytes: what ends ${text} varies in its own size`, {
        hint: 'let the value pattern end with a part like [0-9]{100} or #100',
      });
    const others = this.#before.reduce((sum, { maxBytes }) => sum + maxBytes, this.#afterBytes);
    if (others > min)
      throw new InputError(`values of ${min} bytes: the other parts of ${text} alone take up to ${others}`, {
        hint: `${others} bytes or more`,
      });
  }

  bytesOf(key: number, write: number): number {
    this.#hash.beginPair(key, write);
    return this.#draw();
  }

  write(bytes: Buffer, at: number, key: number, write: number): number {
    const hash = this.#hash;
    hash.beginPair(key, write);
    const whole = this.#draw();
    let end = at;
    for (let i = 0; i < this.#before.length; i += 1) end = this.#before[i]!.write(hash, bytes, end);
    end = this.#run.writeLength(hash, bytes, end, whole - (end - at) - this.#afterBytes);
    for (let i = 0; i < this.#after.length; i += 1) end = this.#after[i]!.write(hash, bytes, end);
    return end;
  }

  #draw(): number {
    const sizes = this.maxBytes - this.minBytes + 1;
    return sizes === 1 ? this.minBytes : this.minBytes + this.#hash.below(sizes);
  }
}
