import type { PatternScanner } from './pattern-scanner.ts';

/** What a text stands in: a level's name, which has no slash, or a value. */
export type Place = 'level' | 'value';

/** Where in a value another part begins. */
export const VALUE_PART_START = /^(:[a-z_]|#|%)/i;

/** Whether what follows is no part of this text any more. */
export function endsPart(scanner: PatternScanner, place: Place): boolean {
  if (scanner.isAtEnd) return true;
  const { next } = scanner;
  if (place === 'level') return next === '/' || next === ';';
  return VALUE_PART_START.test(scanner.text.slice(scanner.at, scanner.at + 2));
}

/** After a brace: JSON has many that repeat nothing. */
export function isPlainBrace(scanner: PatternScanner): boolean {
  return !/^[\d,]/.test(scanner.next);
}

export function failForSlash(scanner: PatternScanner, at: number): never {
  scanner.fail("a level's name can't have a slash in it", {
    at,
    hint: 'a slash begins the next level: is a bracket left open?',
  });
}
