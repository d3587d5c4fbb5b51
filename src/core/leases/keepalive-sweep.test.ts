import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeepaliveSweep } from './keepalive-sweep.ts';

test('each lease has its turn once in an interval, all of them evenly spread', () => {
  const sweep = new KeepaliveSweep(4, 1000, 2000);
  const turns: [number, number][] = [];
  sweep.advance(999, (...turn) => turns.push(turn));
  expect(turns).toEqual([]);
  sweep.advance(3999, (...turn) => turns.push(turn));
  expect(turns).toEqual([
    [0, 1000],
    [1, 1500],
    [2, 2000],
    [3, 2500],
    [0, 3000],
    [1, 3500],
  ]);
  expect(sweep.nextAt).toBe(4000);
});

test('however irregularly it is asked, no turn is left out, early or given twice', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 40 }),
      (count, waits) => {
        const sweep = new KeepaliveSweep(count, 0, 300);
        let now = 0;
        let expected = 0;
        for (const wait of waits) {
          now += wait;
          sweep.advance(now, (number, dueAt) => {
            expect(number).toBe(expected % count);
            expect(dueAt).toBeCloseTo((expected * 300) / count, 6);
            expect(dueAt).toBeLessThanOrEqual(now);
            expected += 1;
          });
          expect((expected * 300) / count).toBeGreaterThan(now - 1e-6);
        }
      },
    ),
  );
});
