import { parseCounter } from './parse-counter.ts';
import { parseRule, type Rules, standardAnd } from './parse-rule.ts';
import { parseText } from './parse-text.ts';
import type { Pattern, PatternPart } from './pattern.ts';
import { PatternScanner } from './pattern-scanner.ts';
import { sizesOf } from './sizes-of.ts';
import { type Place, VALUE_PART_START } from './text-place.ts';

/** Bytes of a level's name, and of a value, at most: etcd takes requests of 1.5 MiB unless it is told otherwise. */
const MOST_NAME_BYTES = 65_536;
const MOST_VALUE_BYTES = 1_572_864;

/**
 * Reads `<key pattern>;<value pattern>`. Throws InputError: what is wrong, and the pattern with a caret under the place.
 *
 * @param rules the user's own: `:name` stands for these values, each one a child
 */
export function parsePattern(text: string, rules: Readonly<Record<string, readonly string[]>> = {}): Pattern {
  const known = standardAnd(rules);
  const scanner = new PatternScanner(text);
  if (scanner.next !== '/')
    scanner.fail(text === '' ? 'the pattern is empty' : 'a key pattern begins with a slash', {
      hint: 'a pattern is /<level>/<level>…;<value>, such as /prefix/%key-%04d[1000];[0-9]{100}',
    });
  const levels: PatternPart[] = [];
  while (scanner.accept('/')) levels.push(parseLevel(scanner, known));
  if (!scanner.accept(';'))
    scanner.fail("there is no ';', and no value pattern after it", {
      hint: `values of 100 digits: ${text};[0-9]{100}`,
    });
  return { levels, value: parseValue(scanner, known) };
}

function parseLevel(scanner: PatternScanner, rules: Rules): PatternPart {
  const start = scanner.at;
  if (/^[/;]?$/.test(scanner.next)) scanner.fail('a level is empty', { hint: 'each slash is followed by a name' });
  const part = parsePart(scanner, 'level', rules);
  if (!/^[/;]?$/.test(scanner.next))
    scanner.fail('a level is one rule, counter or expression: nothing can follow it but a slash, or the semicolon');
  const { min, max } = sizesOf(part);
  if (min === 0) scanner.fail("this level's name could be empty", { at: start });
  if (max > MOST_NAME_BYTES)
    scanner.fail(`names of ${max} bytes are too long: ${MOST_NAME_BYTES} is the most`, { at: start });
  return part;
}

function parseValue(scanner: PatternScanner, rules: Rules): PatternPart[] {
  const start = scanner.at;
  const parts: PatternPart[] = [];
  while (!scanner.isAtEnd) {
    const part = parsePart(scanner, 'value', rules);
    if (sizesOf(part).max > 0) parts.push(part);
  }
  if (parts.length === 0)
    scanner.fail('the value pattern is empty', { at: start, hint: 'values of 100 digits: [0-9]{100}' });
  const most = parts.reduce((sum, part) => sum + sizesOf(part).max, 0);
  if (most > MOST_VALUE_BYTES)
    scanner.fail(`values of ${most} bytes are too long: ${MOST_VALUE_BYTES} is the most`, { at: start });
  return parts;
}

function parsePart(scanner: PatternScanner, place: Place, rules: Rules): PatternPart {
  const { next } = scanner;
  if (next === '%') return parseCounter(scanner);
  if (next === '#') return parseRandom(scanner);
  if (next === ':' && (place === 'level' || startsPart(scanner))) return parseRule(scanner, rules);
  return parseText(scanner, place);
}

function parseRandom(scanner: PatternScanner): PatternPart {
  const at = scanner.at;
  scanner.take();
  const digits = scanner.match(/\d+/y);
  if (digits === '') scanner.fail('of how many bytes?', { hint: 'write #100, or \\# for the character itself' });
  const bytes = Number(digits);
  if (bytes === 0) scanner.fail('text of 0 bytes is none', { at });
  return { kind: 'random', bytes };
}

function startsPart(scanner: PatternScanner): boolean {
  return VALUE_PART_START.test(scanner.text.slice(scanner.at, scanner.at + 2));
}
