import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FollowedKeys } from './followed-keys.ts';

const size = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 2 ** 52 }));
const count = fc.integer({ min: 1, max: 300 });

test('slots and keys belong to each other, in order', () => {
  fc.assert(
    fc.property(size, count, fc.integer(), (ofSize, ofCount, seed) => {
      const keys = new FollowedKeys(ofSize, ofCount, seed);
      expect(keys.count).toBe(Math.min(ofSize, ofCount));
      let last = -1;
      for (let slot = 0; slot < keys.count; slot += 1) {
        const key = keys.keyOf(slot);
        expect(key).toBeGreaterThan(last);
        expect(key).toBeLessThan(ofSize);
        expect(keys.slotOf(key)).toBe(slot);
        expect(keys.firstFrom(key)).toBe(slot);
        expect(keys.firstFrom(last + 1)).toBe(slot);
        last = key;
      }
      expect(keys.firstFrom(last + 1)).toBe(keys.count);
    }),
  );
});

test('a key that is not followed has no slot', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), count, fc.integer(), (ofSize, ofCount, seed) => {
      const keys = new FollowedKeys(ofSize, ofCount, seed);
      const followed = Array.from({ length: ofSize }, (_, key) => keys.slotOf(key)).filter((slot) => slot >= 0);
      expect(followed).toEqual(Array.from({ length: keys.count }, (_, slot) => slot));
    }),
  );
});

test('another seed, other keys', () => {
  const choice = (seed: number) => {
    const keys = new FollowedKeys(1e9, 100, seed);
    return Array.from({ length: 100 }, (_, slot) => keys.keyOf(slot));
  };
  expect(choice(1)).toEqual(choice(1));
  expect(choice(1)).not.toEqual(choice(2));
});
