import type { PatternValues } from '@etcdperf/core/workload';

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
/** From the narrowest on: the first that has all characters is taken. */
const ALPHABETS = [
  DIGITS,
  `${DIGITS}abcdef`,
  `${DIGITS}ABCDEF`,
  LOWER,
  UPPER,
  DIGITS + LOWER,
  DIGITS + UPPER,
  LOWER + UPPER,
  DIGITS + LOWER + UPPER,
];
const LOOKED_AT = 64;

/** The characters that a stamp is written with, so that values stay what their pattern says: digits among digits. */
export function stampAlphabet(values: PatternValues): string {
  const bytes = Buffer.alloc(values.maxBytes);
  const met = new Set<string>();
  for (let key = 0; key < LOOKED_AT; key += 1) {
    const end = values.write(bytes, 0, key, key);
    // Stamps are short, and values may begin with something else than they end with.
    for (const character of bytes.toString('latin1', Math.max(0, end - 18), end)) met.add(character);
  }
  return ALPHABETS.find((alphabet) => [...met].every((character) => alphabet.includes(character))) ?? ALPHABETS.at(-1)!;
}
