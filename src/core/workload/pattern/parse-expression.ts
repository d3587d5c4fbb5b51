import { type CharacterClass, SLASH, VISIBLE, without } from './character-class.ts';
import { parseClass } from './parse-class.ts';
import { takeEscape } from './parse-escape.ts';
import type { Expression } from './pattern.ts';
import type { PatternScanner } from './pattern-scanner.ts';
import { endsPart, failForSlash, isPlainBrace, type Place } from './text-place.ts';
import { choiceOf, repeatOf, sequenceOf } from './tidy-expression.ts';

const MOST_REPETITIONS = 1_572_864;
const MOST_DEPTH = 100;

/** A regular expression without what has no end, looks around or looks back. */
export class ExpressionParser {
  readonly #scanner: PatternScanner;
  readonly #place: Place;
  readonly #any: CharacterClass;
  #depth = 0;

  constructor(scanner: PatternScanner, place: Place) {
    this.#scanner = scanner;
    this.#place = place;
    this.#any = place === 'level' ? without(VISIBLE, [[SLASH, SLASH]]) : VISIBLE;
  }

  parse(): Expression {
    const scanner = this.#scanner;
    const options = [this.#sequence()];
    while (scanner.accept('|')) options.push(this.#sequence());
    return choiceOf(options);
  }

  #sequence(): Expression {
    const items: Expression[] = [];
    while (!this.#isOver()) items.push(this.#item());
    return sequenceOf(items);
  }

  #isOver(): boolean {
    const { next, isAtEnd } = this.#scanner;
    if (isAtEnd || next === '|') return true;
    return this.#depth > 0 ? next === ')' : endsPart(this.#scanner, this.#place);
  }

  /** An atom and how often it comes. */
  #item(): Expression {
    const scanner = this.#scanner;
    const atom = this.#atom();
    const { at } = scanner;
    const repeated = this.#quantified(atom);
    if (repeated === undefined) return atom;
    if (/^([?*+]|\{[\d,])/.test(scanner.text.slice(scanner.at, scanner.at + 2)))
      scanner.fail(`one repetition after another: '${scanner.text.slice(at, scanner.at + 1)}'`, {
        hint: 'repeat a group: (a{2}){3}; lazy and possessive repetitions mean nothing here',
      });
    return repeated;
  }

  #atom(): Expression {
    const scanner = this.#scanner;
    const { at } = scanner;
    const character = scanner.take();
    switch (character) {
      case '(':
        return this.#group(at);
      case '[':
        return { kind: 'class', characters: parseClass(scanner, at, this.#place) };
      case '.':
        return { kind: 'class', characters: this.#any };
      case '\\': {
        const escaped = takeEscape(scanner, at);
        if (typeof escaped !== 'string') return { kind: 'class', characters: without(escaped, this.#excluded) };
        if (this.#place === 'level' && escaped === '/') failForSlash(scanner, at);
        return { kind: 'text', text: escaped };
      }
      case '^':
      case '$':
        return scanner.fail(`an anchor (${character}) means nothing here: a whole text is generated`, {
          at,
          hint: `leave it out, or write \\${character} for the character itself`,
        });
      case '{':
        if (isPlainBrace(scanner)) break;
        return failForNothing(scanner, character, at);
      case '*':
      case '+':
      case '?':
        return failForNothing(scanner, character, at);
      case ')':
      case ']':
        return scanner.fail(`this ${character} closes nothing`, {
          at,
          hint: `write \\${character} for the character itself`,
        });
      case '/':
        if (this.#place === 'level') failForSlash(scanner, at);
        break;
      default:
    }
    return { kind: 'text', text: character };
  }

  get #excluded(): CharacterClass {
    return this.#place === 'level' ? [[SLASH, SLASH]] : [];
  }

  /** After its bracket. */
  #group(open: number): Expression {
    const scanner = this.#scanner;
    if (scanner.accept('?') && !scanner.accept(':')) {
      const isAround = /^(=|!|<=|<!)/.test(scanner.text.slice(scanner.at, scanner.at + 2));
      scanner.fail(isAround ? "looking around can't be generated" : 'groups have no names and no flags here', {
        at: open,
        hint: 'plain groups are (…)',
      });
    }
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) scanner.fail(`more than ${MOST_DEPTH} groups in each other`, { at: open });
    const group = this.parse();
    if (!scanner.accept(')')) scanner.fail('this group is not closed', { at: open });
    this.#depth -= 1;
    return group;
  }

  /** Undefined where the atom stands once. */
  #quantified(item: Expression): Expression | undefined {
    const scanner = this.#scanner;
    const { at, next } = scanner;
    if (next === '*' || next === '+')
      scanner.fail(`${next} has no end: a pattern says how much there is`, {
        hint: `so many at most: ${next === '*' ? '{0,10}' : '{1,10}'}`,
      });
    if (scanner.accept('?')) return repeatOf(item, 0, 1);
    if (item.kind === 'text' && /^\{[^\d,]/.test(scanner.text.slice(at, at + 2))) return undefined;
    if (!scanner.accept('{')) return undefined;
    const [, min, comma, max, close] = /^(\d*)(,?)(\d*)(\}?)/.exec(scanner.match(/\d*,?\d*\}?/y))!;
    if (close === '' || min === '')
      scanner.fail('a repetition is {n} or {n,m}', { at, hint: 'write \\{ for the character itself' });
    if (comma === ',' && max === '')
      scanner.fail(`{${min},} has no end: a pattern says how much there is`, {
        at,
        hint: `so many at most: {${min},${Number(min) + 10}}`,
      });
    const [least, most] = [Number(min), Number(comma === ',' ? max : min)];
    if (most < least) scanner.fail(`a repetition from ${least} to ${most} runs backwards`, { at });
    if (most > MOST_REPETITIONS) scanner.fail(`${most} times is too much: ${MOST_REPETITIONS} is the most`, { at });
    return repeatOf(item, least, most);
  }
}

function failForNothing(scanner: PatternScanner, character: string, at: number): never {
  scanner.fail(`there is nothing before ${character} that could be repeated`, {
    at,
    hint: `write \\${character} for the character itself`,
  });
}
