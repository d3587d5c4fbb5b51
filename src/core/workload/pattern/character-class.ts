/** Characters to choose one from: ranges of code points `[first, last]`, sorted, apart from each other, at least one. */
export type CharacterClass = readonly (readonly [first: number, last: number])[];

/** ASCII that can be seen: what `.` and `[^…]` choose from. */
export const VISIBLE: CharacterClass = [[0x21, 0x7e]];
export const DIGITS: CharacterClass = [[0x30, 0x39]];
export const WORD: CharacterClass = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
export const SPACE: CharacterClass = [[0x20, 0x20]];
/** Of quick random text: 64, none of which has a meaning in keys, JSON or URLs. */
export const RANDOM_TEXT: CharacterClass = [[0x2d, 0x2d], ...WORD];
export const HEX_DIGITS: CharacterClass = [
  [0x30, 0x39],
  [0x61, 0x66],
];
export const SLASH = 0x2f;
/** UTF-16 halves: not characters. */
const SURROGATES: CharacterClass = [[0xd800, 0xdfff]];

/** All characters of the ranges, sorted and joined; without UTF-16 halves. */
export function unionOf(ranges: CharacterClass): CharacterClass {
  const joined: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return without(joined, SURROGATES);
}

/** What is left of `characters`: maybe nothing. */
export function without(characters: CharacterClass, removed: CharacterClass): CharacterClass {
  let left = characters;
  for (const [from, to] of removed)
    left = left.flatMap(([first, last]) => [
      ...(first < from ? [[first, Math.min(last, from - 1)] as const] : []),
      ...(last > to ? [[Math.max(first, to + 1), last] as const] : []),
    ]);
  return left;
}

export function sizeOf(characters: CharacterClass): number {
  return characters.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** The code points, in their order. */
export function* membersOf(characters: CharacterClass): Generator<number> {
  for (const [first, last] of characters) for (let code = first; code <= last; code += 1) yield code;
}

/** Bytes of a character in UTF-8. */
export function utf8Bytes(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
