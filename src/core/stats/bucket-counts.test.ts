import { expect, test } from 'vitest';
import { bucketCounts } from './bucket-counts.ts';

test('between edges, and beyond them', () => {
  expect(bucketCounts([1, 5, 9.9, 10, 25, -1], [0, 10, 20])).toEqual([
    { from: Number.NEGATIVE_INFINITY, to: 0, count: 1 },
    { from: 0, to: 10, count: 3 },
    { from: 10, to: 20, count: 1 },
    { from: 20, to: Number.POSITIVE_INFINITY, count: 1 },
  ]);
  expect(bucketCounts([1], [0, 10, 20])).toEqual([
    { from: 0, to: 10, count: 1 },
    { from: 10, to: 20, count: 0 },
  ]);
});

test('how many finished in each second', () => {
  expect(bucketCounts([0, 400, 999, 1000, 3500], { width: 1000 })).toEqual([
    { from: 0, to: 1000, count: 3 },
    { from: 1000, to: 2000, count: 1 },
    { from: 2000, to: 3000, count: 0 },
    { from: 3000, to: 4000, count: 1 },
  ]);
  expect(bucketCounts([-1], { width: 1000 })).toEqual([{ from: -1000, to: 0, count: 1 }]);
  expect(bucketCounts([], { width: 1000 })).toEqual([]);
});
