import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scatter } from './scatter.ts';

test('is one to one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), (size) => {
      const scatter = new Scatter(size);
      const places = Array.from({ length: size }, (_, rank) => scatter.map(rank)).sort((a, b) => a - b);
      expect(places).toEqual(Array.from({ length: size }, (_, place) => place));
    }),
    { numRuns: 50 },
  );
});

test.each([1e4, 1e9, 1e15])('of %d: no two of the first ranks meet, and they are spread over everything', (size) => {
  const scatter = new Scatter(size);
  const places = Array.from({ length: 2000 }, (_, rank) => scatter.map(rank));
  expect(new Set(places).size).toBe(2000);
  const tenths = new Array<number>(10).fill(0);
  for (const place of places) tenths[Math.floor((place / size) * 10)]! += 1;
  for (const count of tenths) expect(Math.abs(count - 200)).toBeLessThan(80);
  const neighbours = places.filter((place, i) => i > 0 && Math.abs(place - places[i - 1]!) < size / 1000);
  expect(neighbours.length).toBeLessThan(20);
});
