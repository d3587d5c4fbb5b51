import { type CharacterClass, SLASH, sizeOf, unionOf, VISIBLE, without } from './character-class.ts';
import { takeEscape } from './parse-escape.ts';
import type { PatternScanner } from './pattern-scanner.ts';
import type { Place } from './text-place.ts';

/** Characters of a class at most: all of what two bytes of UTF-16 can say. */
const MOST_CHARACTERS = 65_536;

/** `[a-z0-9]`, after its bracket at `open`. In a level, ranges leave out the slash that they would have in them. */
export function parseClass(scanner: PatternScanner, open: number, place: Place): CharacterClass {
  const isNegated = scanner.accept('^');
  const ranges: [number, number][] = [];
  while (!scanner.accept(']')) ranges.push(...parseRange(scanner, open, place));
  const named = unionOf(ranges);
  const characters = without(isNegated ? without(VISIBLE, named) : named, place === 'level' ? [[SLASH, SLASH]] : []);
  if (characters.length === 0) scanner.fail('this class has no character', { at: open });
  if (sizeOf(characters) > MOST_CHARACTERS)
    scanner.fail(`more than ${MOST_CHARACTERS} characters in a class`, { at: open });
  return characters;
}

/** One character, one range, or a class like `\d`. */
function parseRange(scanner: PatternScanner, open: number, place: Place): [number, number][] {
  const { at } = scanner;
  const first = takeMember(scanner, open, place);
  const isRange = scanner.next === '-' && scanner.text[scanner.at + 1] !== ']' && scanner.at + 1 < scanner.text.length;
  if (typeof first !== 'number') {
    if (isRange) scanner.fail("a range can't begin with a class", { at });
    return first.map(([from, to]) => [from, to]);
  }
  if (!isRange) return [[first, first]];
  scanner.take();
  const last = takeMember(scanner, open, place);
  if (typeof last !== 'number') scanner.fail("a range can't end with a class", { at });
  if (last < first) scanner.fail(`the range ${scanner.text.slice(at, scanner.at)} runs backwards`, { at });
  return [[first, last]];
}

function takeMember(scanner: PatternScanner, open: number, place: Place): number | CharacterClass {
  const { at } = scanner;
  const character = scanner.take();
  if (character === '') scanner.fail('this class is not closed', { at: open });
  if (character === '[' && /^[:=.]/.test(scanner.next))
    scanner.fail('POSIX names of classes are not known here', { at, hint: 'write the ranges: [a-zA-Z]' });
  const member = character === '\\' ? takeEscape(scanner, at) : character;
  if (typeof member !== 'string') return member;
  if (place === 'level' && member === '/')
    scanner.fail("a level's name can't have a slash in it", { at, hint: 'is the class left open?' });
  return member.codePointAt(0)!;
}
