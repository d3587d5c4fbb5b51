import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evenLevels, parseLevels } from './tree-levels.ts';

test('levels are what they were written as', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }), (levels) => {
      expect(parseLevels(levels.join(','))).toEqual(levels);
      expect(parseLevels(levels.join(' , '))).toEqual(levels);
    }),
  );
  expect(evenLevels(3, 10)).toEqual([10, 10, 10]);
});

test.each(['', '0', '1,,2', '1,x', '-3', '1.5', '4,'])('%j are no levels', (text) => {
  expect(() => parseLevels(text)).toThrow('no levels of a tree');
});

test('a tree that nobody has memory for', () => {
  expect(() => parseLevels('10000,10000')).toThrow('too large');
  expect(() => evenLevels(32, 10)).toThrow('too large');
});
