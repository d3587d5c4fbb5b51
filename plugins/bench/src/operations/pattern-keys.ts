import type { ThreadShare } from '@etcdperf/core/load';
import {
  type KeyDistribution,
  makeNumberChooser,
  type NumberChooser,
  openPatternSpace,
  type PatternSpace,
  parsePattern,
} from '@etcdperf/core/workload';

/** A pattern as the user gave it: plain data, for whichever thread makes keys of it. */
export interface PatternSource {
  readonly text: string;
  readonly rules: Readonly<Record<string, readonly string[]>>;
  /** What `:ip` stands for. */
  readonly ip: string;
  readonly seed: number;
}

/** Keys, and values where there are any, that a pattern says; and how they are chosen. */
export interface PatternKeyOptions {
  readonly pattern: PatternSource;
  readonly distribution: KeyDistribution;
}

/** Throws InputError for what is no pattern. */
export function openSource({ text, rules, ip, seed }: PatternSource): PatternSpace {
  return openPatternSpace(parsePattern(text, rules), { ip, seed });
}

/** What one thread takes of a pattern: which keys, and which writes of the run are its own. */
export class PatternKeys {
  readonly space: PatternSpace;
  readonly #numbers: NumberChooser;
  readonly #step: number;
  #write: number;

  constructor({ pattern, distribution }: PatternKeyOptions, share: ThreadShare) {
    this.space = openSource(pattern);
    this.#numbers = makeNumberChooser(this.space.size, distribution, share);
    this.#step = share.count;
    this.#write = share.index - share.count;
  }

  nextKey(): number {
    return this.#numbers.next();
  }

  nextWrite(): number {
    this.#write += this.#step;
    return this.#write;
  }
}
