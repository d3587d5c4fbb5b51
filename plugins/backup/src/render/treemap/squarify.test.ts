import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Box, squarify } from './squarify.ts';

const BOX: Box = { x: 10, y: 20, width: 600, height: 400 };

test('the example of the paper', () => {
  const boxes = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  const rounded = boxes.map(({ x, y, width, height }) => [x, y, width, height].map((one) => Number(one.toFixed(2))));
  expect(rounded).toEqual([
    [0, 0, 3, 2],
    [0, 2, 3, 2],
    [3, 0, 1.71, 2.33],
    [4.71, 0, 1.29, 2.33],
    [3, 2.33, 1.2, 1.67],
    [4.2, 2.33, 1.2, 1.67],
    [5.4, 2.33, 0.6, 1.67],
  ]);
});

test('any values: boxes of their share of the area, within the box, none over another', () => {
  const values = fc
    .array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 })
    .map((all) => all.toSorted((one, other) => other - one));
  fc.assert(
    fc.property(values, (all) => {
      const boxes = squarify(all, BOX);
      const sum = all.reduce((total, value) => total + value, 0);
      const area = BOX.width * BOX.height;
      expect(boxes).toHaveLength(all.length);
      boxes.forEach(({ x, y, width, height }, index) => {
        expect(width * height).toBeCloseTo((all[index]! / sum) * area, 0);
        expect(x).toBeGreaterThanOrEqual(BOX.x - 1e-6);
        expect(y).toBeGreaterThanOrEqual(BOX.y - 1e-6);
        expect(x + width).toBeLessThanOrEqual(BOX.x + BOX.width + 1e-3);
        expect(y + height).toBeLessThanOrEqual(BOX.y + BOX.height + 1e-3);
      });
      for (const [index, one] of boxes.entries())
        for (const other of boxes.slice(index + 1)) expect(overlap(one, other)).toBeLessThan(1e-2);
    }),
  );
});

function overlap(one: Box, other: Box): number {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.max(0, across) * Math.max(0, down);
}
