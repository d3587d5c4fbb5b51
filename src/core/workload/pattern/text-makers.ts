import { Random } from '../random.ts';
import { type CharacterClass, HEX_DIGITS, membersOf, RANDOM_TEXT } from './character-class.ts';
import { CharacterRun, WideCharacter } from './character-text.ts';
import { CountedText } from './counted-text.ts';
import type { Expression, PatternPart } from './pattern.ts';
import { ID_DIGITS } from './standard-rules.ts';
import { ChoiceText, FixedText, RepeatedText, SequenceText, type TextMaker } from './text-maker.ts';

/** From how many places of a pool text may be taken, at least. */
const POOL_OFFSETS = 1 << 16;

/** Makes the makers of one pattern; those of the same characters share what they copy from. */
export class TextMakers {
  readonly #seed: number;
  readonly #ip: string;
  readonly #longest: number;
  readonly #pools = new Map<string, Buffer>();

  /** @param longest bytes that a run of characters may be stretched to, beyond its own */
  constructor(seed: number, ip: string, longest = 0) {
    this.#seed = seed;
    this.#ip = ip;
    this.#longest = longest;
  }

  /** What a part is made of, one after the other. */
  ofPart(part: PatternPart): readonly TextMaker[] {
    switch (part.kind) {
      case 'literal':
        return [new FixedText(part.text)];
      case 'counter':
        return [new CountedText(part)];
      case 'random':
        return [this.run(RANDOM_TEXT, part.bytes, part.bytes)];
      case 'rule':
        if (part.values !== undefined) return [new ChoiceText(part.values.map((value) => new FixedText(value)))];
        return part.name === 'ip' ? [new FixedText(this.#ip)] : [this.run(HEX_DIGITS, ID_DIGITS, ID_DIGITS)];
      case 'expression': {
        const { expression } = part;
        return expression.kind === 'sequence'
          ? expression.items.map((item) => this.ofExpression(item))
          : [this.ofExpression(expression)];
      }
      default:
        return part satisfies never;
    }
  }

  ofExpression(expression: Expression): TextMaker {
    switch (expression.kind) {
      case 'text':
        return new FixedText(expression.text);
      case 'class':
        return isAscii(expression.characters)
          ? this.run(expression.characters, 1, 1)
          : new WideCharacter(expression.characters);
      case 'sequence':
        return new SequenceText(expression.items.map((item) => this.ofExpression(item)));
      case 'choice':
        return new ChoiceText(expression.options.map((option) => this.ofExpression(option)));
      case 'repeat': {
        const { item, min, max } = expression;
        return item.kind === 'class' && isAscii(item.characters)
          ? this.run(item.characters, min, max)
          : new RepeatedText(this.ofExpression(item), min, max);
      }
      default:
        return expression satisfies never;
    }
  }

  run(characters: CharacterClass, min: number, max: number): CharacterRun {
    const longest = Math.max(max, this.#longest);
    return new CharacterRun(characters, min, max, this.#pool(characters, longest), longest);
  }

  #pool(characters: CharacterClass, longest: number): Buffer {
    // Sizes that are alike share one.
    const bytes = 2 ** Math.ceil(Math.log2(POOL_OFFSETS + longest));
    const name = `${bytes} ${characters.join(' ')}`;
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const random = new Random(this.#seed);
    const members = [...membersOf(characters)];
    const pool = Buffer.alloc(bytes);
    for (let i = 0; i < bytes; i += 1) pool[i] = members[random.below(members.length)]!;
    this.#pools.set(name, pool);
    return pool;
  }
}

function isAscii(characters: CharacterClass): boolean {
  return characters.at(-1)![1] < 0x80;
}
