import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NodeHash } from './node-hash.ts';
import { Shuffle } from './shuffle.ts';

test('a shuffle takes all numbers to all places, another way for each key', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer(), (size, key) => {
      const shuffle = new Shuffle(size);
      const places = Array.from({ length: size }, (_, number) => shuffle.map(number, key));
      expect([...places].sort((a, b) => a - b)).toEqual([...places.keys()]);
    }),
  );
  const places = (key: number) => Array.from({ length: 1000 }, (_, number) => new Shuffle(1000).map(number, key));
  expect(places(1)).not.toEqual(places(2));
});

test('and back, of any size', () => {
  const sizeAndNumber = fc.maxSafeNat().chain((most) =>
    fc.tuple(
      fc.constant(most + 1),
      fc.maxSafeNat().map((number) => number % (most + 1)),
    ),
  );
  fc.assert(
    fc.property(sizeAndNumber, fc.integer(), ([size, number], key) => {
      const shuffle = new Shuffle(size);
      const place = shuffle.map(number, key);
      expect(place).toBeLessThan(size);
      expect(shuffle.unmap(place, key)).toBe(number);
    }),
  );
});

test('the words of a hash follow from seed, salt and number', () => {
  const words = (seed: number, salt: number, number: number, turn?: number) => {
    const hash = new NodeHash(seed, salt);
    if (turn === undefined) hash.begin(number);
    else hash.beginPair(number, turn);
    return [hash.next(), hash.next(), hash.next()];
  };
  const distinct = [
    ...Array.from({ length: 1000 }, (_, number) => words(1, 1, number)),
    ...Array.from({ length: 1000 }, (_, number) => words(1, 1, 2 ** 53 - 1 - number)),
    ...Array.from({ length: 1000 }, (_, number) => words(1, 1, (number + 1) * 2 ** 32)),
    ...Array.from({ length: 1000 }, (_, seed) => words(seed + 2, 1, 5)),
    ...Array.from({ length: 1000 }, (_, salt) => words(1, salt + 2, 5)),
    ...Array.from({ length: 1000 }, (_, turn) => words(1, 1, 5, turn)),
  ].map(String);
  expect(new Set(distinct).size).toBe(distinct.length);
  expect(words(1, 2, 3, 4)).toEqual(words(1, 2, 3, 4));
});
