import { type CharacterClass, DIGITS, SPACE, VISIBLE, WORD, without } from './character-class.ts';
import type { PatternScanner } from './pattern-scanner.ts';

const CLASSES: Readonly<Record<string, CharacterClass>> = {
  d: DIGITS,
  w: WORD,
  s: SPACE,
  D: without(VISIBLE, DIGITS),
  W: without(VISIBLE, WORD),
  S: VISIBLE,
};
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** What stands after a backslash that was taken: a character, or a class (`\d`). */
export function takeEscape(scanner: PatternScanner, at: number): string | CharacterClass {
  const character = scanner.take();
  if (character === '') scanner.fail('the backslash at the end has nothing after it', { at });
  if (!/[a-z0-9]/i.test(character)) return character;
  const found = CLASSES[character] ?? CONTROLS[character];
  if (found !== undefined) return found;
  if (character === 'x' || character === 'u') return fromHex(scanner, at, character === 'x' ? 2 : 4);
  if (/[1-9k]/.test(character)) scanner.fail("back-references can't be generated", { at });
  if (/[bB]/.test(character)) scanner.fail('a word boundary means nothing here: a whole text is generated', { at });
  return scanner.fail(`\\${character} is not known here`, {
    at,
    hint: 'there are \\d \\w \\s \\D \\W \\S, \\n \\r \\t, \\x41 and \\u0041',
  });
}

function fromHex(scanner: PatternScanner, at: number, digits: number): string {
  const hex = scanner.match(/[0-9a-f]*/iy).slice(0, digits);
  scanner.at = at + 2 + hex.length;
  const code = Number.parseInt(hex, 16);
  if (hex.length < digits) scanner.fail(`${digits} hex digits follow \\${digits === 2 ? 'x' : 'u'}`, { at });
  if (code >= 0xd800 && code <= 0xdfff) scanner.fail('half of a surrogate pair is no character', { at });
  return String.fromCodePoint(code);
}
