import { utf8Bytes } from './character-class.ts';
import { writtenBytes } from './number-text.ts';
import type { Expression, PatternPart } from './pattern.ts';
import { ID_DIGITS } from './standard-rules.ts';

/** Of an address: IPv6 with IPv4 in it. */
const MOST_ADDRESS_BYTES = 45;

/** Bytes of the shortest and the longest text that a part makes. */
export interface Sizes {
  readonly min: number;
  readonly max: number;
}

export function sizesOf(part: PatternPart): Sizes {
  switch (part.kind) {
    case 'literal':
      return exactly(Buffer.byteLength(part.text));
    case 'counter': {
      const around = Buffer.byteLength(part.before + part.after);
      return { min: around + writtenBytes(part.number, 0), max: around + writtenBytes(part.number, part.count - 1) };
    }
    case 'rule': {
      if (part.values === undefined)
        return part.name === 'ip' ? { min: 1, max: MOST_ADDRESS_BYTES } : exactly(ID_DIGITS);
      return widest(part.values.map((value) => exactly(Buffer.byteLength(value))));
    }
    case 'random':
      return exactly(part.bytes);
    case 'expression':
      return expressionSizes(part.expression);
    default:
      return part satisfies never;
  }
}

export function expressionSizes(expression: Expression): Sizes {
  switch (expression.kind) {
    case 'text':
      return exactly(Buffer.byteLength(expression.text));
    case 'class':
      return { min: utf8Bytes(expression.characters[0]![0]), max: utf8Bytes(expression.characters.at(-1)![1]) };
    case 'sequence':
      return expression.items
        .map(expressionSizes)
        .reduce((a, b) => ({ min: a.min + b.min, max: a.max + b.max }), exactly(0));
    case 'choice':
      return widest(expression.options.map(expressionSizes));
    case 'repeat': {
      const { min, max } = expressionSizes(expression.item);
      return { min: min * expression.min, max: max * expression.max };
    }
    default:
      return expression satisfies never;
  }
}

function exactly(bytes: number): Sizes {
  return { min: bytes, max: bytes };
}

function widest(sizes: readonly Sizes[]): Sizes {
  return { min: Math.min(...sizes.map(({ min }) => min)), max: Math.max(...sizes.map(({ max }) => max)) };
}
