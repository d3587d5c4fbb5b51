import type { CharacterClass } from './character-class.ts';

/** What a level's names, or a part of a value, are made of. */
export type PatternPart =
  | { readonly kind: 'literal'; readonly text: string }
  | CounterPart
  /** `:name`; `values` where it stands for a set of them, else ids or the address (standard-rules.ts). */
  | { readonly kind: 'rule'; readonly name: string; readonly values?: readonly string[] }
  /** `#<bytes>`: quick random text of that size. */
  | { readonly kind: 'random'; readonly bytes: number }
  | { readonly kind: 'expression'; readonly expression: Expression };

/** `%<before>%04d<after>[count]` */
export interface CounterPart {
  readonly kind: 'counter';
  readonly before: string;
  readonly number: NumberFormat;
  readonly after: string;
  readonly count: number;
}

/** A printf conversion of a whole number that is not negative. */
export interface NumberFormat {
  readonly letter: 'd' | 'x' | 'X' | 'o';
  /** What fills up to `width` characters: zeros, spaces before it, spaces after it. */
  readonly fill: 'zeros' | 'before' | 'after';
  readonly width: number;
  readonly sign: '' | '+' | ' ';
}

/** A regular expression that text is generated from. Nested sequences are one, neighbouring texts are one. */
export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'class'; readonly characters: CharacterClass }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly item: Expression; readonly min: number; readonly max: number };

/** `/<level>/<level>…;<value parts>`, as `parsePattern` reads it. Plain data. */
export interface Pattern {
  readonly levels: readonly PatternPart[];
  readonly value: readonly PatternPart[];
}
