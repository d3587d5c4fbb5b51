import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareOut } from './plan-agents.ts';

test('every one is in exactly one share, and shares are even', () => {
  const parts = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 100_000 }), (parts, more) => {
      const shares = shareOut(parts + more, parts);
      const counts = shares.map((share) => share.count);
      expect(shares.map((share) => share.first)).toEqual(
        shares.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0)),
      );
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(parts + more);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});
