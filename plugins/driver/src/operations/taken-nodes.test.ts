import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TakenNodes } from './taken-nodes.ts';

const NODES = fc.integer({ min: 1, max: 3000 });

test('a share of the nodes, each once a round, the same ones for the same seed', () => {
  fc.assert(
    fc.property(NODES, fc.double({ min: 0.01, max: 100, noNaN: true }), fc.integer(), (nodes, percent, seed) => {
      const taken = new TakenNodes(nodes, percent, seed);
      expect(Math.abs(taken.count - Math.max(1, (nodes * percent) / 100))).toBeLessThanOrEqual(0.5);
      const round = Array.from({ length: taken.count }, (_, turn) => taken.at(turn));
      expect(new Set(round).size).toBe(taken.count);
      expect(Math.min(...round)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...round)).toBeLessThan(nodes);
      const same = new TakenNodes(nodes, percent, seed);
      expect(round.map((_, turn) => same.at(turn + 5 * taken.count))).toEqual(round);
    }),
  );
});

test('another seed takes others; of 10^12 nodes none is kept', () => {
  const share = (seed: number) => {
    const taken = new TakenNodes(1000, 10, seed);
    return Array.from({ length: taken.count }, (_, turn) => taken.at(turn)).sort((a, b) => a - b);
  };
  expect(share(1)).not.toEqual(share(500));
  const many = new TakenNodes(1e12, 5, 1);
  expect(many.count).toBe(5e10);
  const some = Array.from({ length: 1000 }, (_, turn) => many.at(turn));
  expect(new Set(some).size).toBe(1000);
  expect(Math.max(...some)).toBeLessThan(1e12);
});
