import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import type { KeyDistribution, KeySource } from './key-source.ts';
import { makeKeySource } from './make-key-source.ts';
import { parseKeyDistribution } from './parse-key-distribution.ts';

const alone = { index: 0, count: 1, seed: 42 };
const draw = (source: KeySource, count: number) => Array.from({ length: count }, () => source.next());
const source = (size: number, distribution: KeyDistribution, share = alone) =>
  makeKeySource({ prefix: '', digits: 15, size }, distribution, share);

/** How often each number came, the most frequent first. */
function frequencies(numbers: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => b - a);
}

/** Pearson's statistic lies below that with a probability of all but 10^-8 when the numbers are what they should be. */
function expectFit(observed: readonly number[], expected: readonly number[]): void {
  const statistic = expected.reduce((sum, mean, i) => sum + ((observed[i] ?? 0) - mean) ** 2 / mean, 0);
  const freedom = expected.length - 1;
  expect(statistic).toBeLessThan(freedom + 6 * Math.sqrt(2 * freedom) + 12);
}

describe('keys', () => {
  test('are the prefix and the number, padded', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40, unit: 'grapheme' }),
        fc.integer({ min: 15, max: 40 }),
        fc.maxSafeNat().map((number) => number % 1e15),
        fc.nat(20),
        (prefix, digits, number, at) => {
          const keys = makeKeySource({ prefix, digits, size: 1e15 }, { kind: 'uniform' }, alone);
          const bytes = Buffer.alloc(at + keys.length + 5, '~');
          keys.write(bytes, at, number);
          expect(bytes.toString()).toBe(
            `${'~'.repeat(at)}${prefix}${String(number).padStart(digits, '0')}${'~'.repeat(5)}`,
          );
        },
      ),
    );
  });

  test.each([1, 2, 9, 10, 11, 999_999_999, 1_000_000_000, 4_294_967_296])('have room for all of %i', (size) => {
    const digits = String(size - 1).length;
    const keys = makeKeySource({ prefix: 'k', digits, size }, { kind: 'sequential' }, alone);
    const bytes = Buffer.alloc(keys.length);
    keys.write(bytes, 0, size - 1);
    expect(bytes.toString()).toBe(`k${size - 1}`);
    if (digits > 1) {
      const short = () => makeKeySource({ prefix: 'k', digits: digits - 1, size }, { kind: 'sequential' }, alone);
      expect(short).toThrow(InputError);
      expect(short).toThrow(`${size} keys need ${digits} digits, and keys have ${digits - 1}`);
    }
  });

  test.each([
    { prefix: '', digits: 8, size: 0 },
    { prefix: '', digits: 8, size: 1.5 },
    { prefix: '', digits: 8, size: Number.NaN },
    { prefix: '', digits: 20, size: 2 ** 53 },
    { prefix: '', digits: 0, size: 1 },
    { prefix: '', digits: 1.5, size: 1 },
    { prefix: 'x'.repeat(65_536), digits: 8, size: 1 },
  ])('can not be made of %j', (space) => {
    expect(() => makeKeySource(space, { kind: 'uniform' }, alone)).toThrow(InputError);
  });
});

test('sequential: the threads together take every key in turn, round and round', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 9 }), fc.nat(200), (size, count, total) => {
      const threads = Array.from({ length: count }, (_, index) =>
        source(size, { kind: 'sequential' }, { index, count, seed: index }),
      );
      const numbers = Array.from({ length: total }, (_, request) => threads[request % count]!.next());
      expect(numbers).toEqual(Array.from({ length: total }, (_, request) => request % size));
    }),
  );
});

const distributions: readonly KeyDistribution[] = [
  { kind: 'uniform' },
  { kind: 'zipfian', exponent: 0.5 },
  { kind: 'zipfian', exponent: 0.99 },
  { kind: 'zipfian', exponent: 0.9999999999 },
  { kind: 'zipfian', exponent: 1 },
  { kind: 'zipfian', exponent: 2.5 },
  { kind: 'zipfian', exponent: 100 },
  { kind: 'hotset', keysPercent: 20, opsPercent: 80 },
  { kind: 'hotset', keysPercent: 100, opsPercent: 1 },
];

test.each(distributions)('stays within the key space, and the seed decides: %j', (distribution) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e15 }), fc.integer(), (size, seed) => {
      const numbers = draw(source(size, distribution, { ...alone, seed }), 50);
      for (const number of numbers) {
        expect(Number.isSafeInteger(number)).toBe(true);
        expect(number).toBeGreaterThanOrEqual(0);
        expect(number).toBeLessThan(size);
      }
      expect(draw(source(size, distribution, { ...alone, seed }), 50)).toEqual(numbers);
    }),
  );
});

test('threads with seeds of their own draw differently', () => {
  const [first, second] = [1, 2].map((seed) => draw(source(1e6, { kind: 'uniform' }, { ...alone, seed }), 100));
  expect(first!.filter((number, i) => number === second![i])).toEqual([]);
});

test('uniform: every key as often as any other', () => {
  const size = 500;
  const counts = new Array<number>(size).fill(0);
  for (const number of draw(source(size, { kind: 'uniform' }), 100_000)) counts[number]! += 1;
  expectFit(counts, new Array<number>(size).fill(100_000 / size));
});

test.each([0.2, 0.5, 0.99, 0.9995, 1, 1.0005, 1.5, 3])('zipfian: as often as rank^-%d says', (exponent) => {
  const size = 100;
  const draws = 200_000;
  const keys = source(size, { kind: 'zipfian', exponent });
  const counts = frequencies(draw(keys, draws));
  const weights = Array.from({ length: size }, (_, rank) => (rank + 1) ** -exponent);
  const sum = weights.reduce((a, b) => a + b);
  // Sorted by frequency is sorted by rank, but where neighbours are nearly equal: those are taken together.
  const ranksOfGroup = [1, 1, 2, 4, 8, 16, 32, 36];
  const group = (values: readonly number[]) => {
    let from = 0;
    return ranksOfGroup.map((ranks) => {
      const part = values.slice(from, from + ranks);
      from += ranks;
      return part.reduce((a, b) => a + b, 0);
    });
  };
  const expected = group(weights.map((weight) => (weight / sum) * draws));
  const observed = group(counts);
  for (const [i, mean] of expected.entries())
    expect(Math.abs(observed[i]! - mean)).toBeLessThan(6 * Math.sqrt(mean) + 0.02 * mean + 2);
});

test('zipfian over 10^9 keys, without a table', () => {
  // The harmonic number of 10^9 is ln(10^9) + 0.57722 = 21.3005.
  const draws = 200_000;
  const counts = frequencies(draw(source(1e9, { kind: 'zipfian', exponent: 1 }), draws));
  for (const rank of [1, 2, 3, 4]) {
    const mean = draws / 21.3005 / rank;
    expect(Math.abs(counts[rank - 1]! - mean)).toBeLessThan(5 * Math.sqrt(mean));
  }
  // Half of all requests go to the first ranks, up to about e^(21.3 / 2 - 0.577).
  expect(counts.length).toBeGreaterThan(draws / 3);
});

test('hot set: that share of the requests to that share of the keys, and these lie scattered', () => {
  const size = 1000;
  const draws = 100_000;
  const numbers = draw(source(size, { kind: 'hotset', keysPercent: 10, opsPercent: 90 }), draws);
  const counts = new Array<number>(size).fill(0);
  for (const number of numbers) counts[number]! += 1;
  const hot = [...counts.keys()].filter((number) => counts[number]! > draws / size);
  expect(hot.length).toBe(100);
  const share = hot.reduce((sum, number) => sum + counts[number]!, 0) / draws;
  expect(Math.abs(share - 0.9)).toBeLessThan(0.006);
  expectFit(
    hot.map((number) => counts[number]!),
    new Array<number>(100).fill((draws * 0.9) / 100),
  );
  expect(hot.filter((number, i) => i > 0 && number === hot[i - 1]! + 1).length).toBeLessThan(30);
});

describe('the name of a distribution', () => {
  test.each([
    ['sequential', { kind: 'sequential' }],
    ['uniform', { kind: 'uniform' }],
    ['zipfian', { kind: 'zipfian', exponent: 0.99 }],
    ['zipfian:1.2', { kind: 'zipfian', exponent: 1.2 }],
    ['hotset', { kind: 'hotset', keysPercent: 20, opsPercent: 80 }],
    ['hotset:1/99.5', { kind: 'hotset', keysPercent: 1, opsPercent: 99.5 }],
    ['hotset:1%/50%', { kind: 'hotset', keysPercent: 1, opsPercent: 50 }],
  ])('%s', (text, distribution) => {
    expect(parseKeyDistribution(text)).toEqual(distribution);
  });

  test.each(['', 'zipf', 'Uniform', 'uniform:1', 'sequential:', 'zipfian:', 'zipfian:0', 'zipfian:-1', 'zipfian:1e3'])(
    '%j is none',
    (text) => expect(() => parseKeyDistribution(text)).toThrow(InputError),
  );

  test.each(['zipfian:101', 'zipfian:1:2', 'hotset:', 'hotset:20', 'hotset:0/80', 'hotset:20/101', 'hotset:1/2/3'])(
    '%j is none either',
    (text) => expect(() => parseKeyDistribution(text)).toThrow(InputError),
  );
});
