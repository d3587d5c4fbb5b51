import type { KeyDistribution } from './key-source.ts';
import { Random } from './random.ts';
import { Scatter } from './scatter.ts';
import { Zipf } from './zipf.ts';

/** Which thread's part it is: the `index`-th of `count`, with a seed of its own. */
export interface KeyShare {
  readonly index: number;
  readonly count: number;
  readonly seed: number;
}

/** Chooses among the numbers 0 … size - 1, without allocating. */
export interface NumberChooser {
  next(): number;
}

export function makeNumberChooser(size: number, distribution: KeyDistribution, share: KeyShare): NumberChooser {
  switch (distribution.kind) {
    case 'sequential':
      return new SequentialNumbers(size, share);
    case 'uniform':
      return new UniformNumbers(size, share.seed);
    case 'zipfian':
      return new ZipfianNumbers(size, distribution.exponent, share.seed);
    case 'hotset':
      return new HotsetNumbers(size, distribution.keysPercent, distribution.opsPercent, share.seed);
    default:
      return distribution satisfies never;
  }
}

class SequentialNumbers implements NumberChooser {
  readonly #size: number;
  readonly #step: number;
  #number: number;

  constructor(size: number, { index, count }: KeyShare) {
    this.#size = size;
    this.#step = count % size;
    this.#number = index % size;
  }

  next(): number {
    const number = this.#number;
    const following = number + this.#step;
    this.#number = following >= this.#size ? following - this.#size : following;
    return number;
  }
}

class UniformNumbers implements NumberChooser {
  readonly #size: number;
  readonly #random: Random;

  constructor(size: number, seed: number) {
    this.#size = size;
    this.#random = new Random(seed);
  }

  next(): number {
    return this.#random.below(this.#size);
  }
}

class ZipfianNumbers implements NumberChooser {
  readonly #zipf: Zipf;
  readonly #scatter: Scatter;
  readonly #random: Random;

  constructor(size: number, exponent: number, seed: number) {
    this.#zipf = new Zipf(size, exponent);
    this.#scatter = new Scatter(size);
    this.#random = new Random(seed);
  }

  next(): number {
    return this.#scatter.map(this.#zipf.draw(this.#random));
  }
}

class HotsetNumbers implements NumberChooser {
  readonly #hot: number;
  readonly #cold: number;
  readonly #hotShare: number;
  readonly #scatter: Scatter;
  readonly #random: Random;

  constructor(size: number, keysPercent: number, opsPercent: number, seed: number) {
    this.#hot = Math.min(size, Math.max(1, Math.round((size * keysPercent) / 100)));
    this.#cold = size - this.#hot;
    this.#hotShare = this.#cold === 0 ? 1 : opsPercent / 100;
    this.#scatter = new Scatter(size);
    this.#random = new Random(seed);
  }

  next(): number {
    const random = this.#random;
    const isHot = random.fraction() < this.#hotShare;
    return this.#scatter.map(isHot ? random.below(this.#hot) : this.#hot + random.below(this.#cold));
  }
}
