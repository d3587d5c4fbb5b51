import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pacer } from './pacer.ts';

// [rate per s, thread, threads, ms since the start, how many are due before then]
const TABLE: readonly [number, number, number, number, number][] = [
  // One thread at 1000/s: due at 0, 1, 2, …; what is due at this very moment is not due before it.
  [1000, 0, 1, 0, 0],
  [1000, 0, 1, 0.001, 1],
  [1000, 0, 1, 1, 1],
  [1000, 0, 1, 1.001, 2],
  [1000, 0, 1, 60_000, 60_000],
  // Before the start nothing is.
  [1000, 0, 1, -5, 0],
  // 7200 an hour: every half second.
  [2, 0, 1, 499, 1],
  [2, 0, 1, 501, 2],
  // Less than one a second.
  [0.1, 0, 1, 9_999, 1],
  [0.1, 0, 1, 10_001, 2],
  // Periods that no float holds exactly: nothing adds up.
  [3000, 0, 1, 3_600_000, 10_800_000],
  [7, 0, 1, 86_400_000.001, 604_801],
  // Two threads at 1000/s: the first at 0, 2, 4, …, the second at 1, 3, 5, …
  [1000, 0, 2, 2, 1],
  [1000, 0, 2, 2.001, 2],
  [1000, 1, 2, 1, 0],
  [1000, 1, 2, 1.001, 1],
  [1000, 1, 2, 3.001, 2],
];

test.each(TABLE)(
  'at %f/s, thread %i of %i: %f ms after the start %i requests were due',
  (rate, index, count, ms, due) => {
    const startsAt = 5000;
    expect(new Pacer({ startsAt, ratePerSec: rate, index, count }).countBefore(startsAt + ms)).toBe(due);
  },
);

const pace = fc.record({
  startsAt: fc.double({ min: 0, max: 1e9, noNaN: true }),
  ratePerSec: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
  count: fc.integer({ min: 1, max: 16 }),
});

test('the count is that of the due times, to the last bit, and due times go up', () => {
  fc.assert(
    fc.property(pace, fc.nat(16), fc.nat(100_000_000), (rest, thread, number) => {
      const pacer = new Pacer({ ...rest, index: thread % rest.count });
      const at = pacer.dueAt(number);
      // Where many requests share one float, there is no order among them.
      fc.pre(pacer.dueAt(number + 1) > at && (number === 0 || pacer.dueAt(number - 1) < at));
      expect(pacer.countBefore(at)).toBe(number);
      expect(pacer.countBefore(pacer.dueAt(number + 1))).toBe(number + 1);
    }),
  );
});

test('threads together send what one alone would, at the same times', () => {
  fc.assert(
    fc.property(pace, fc.nat(1_000_000), (whole, number) => {
      const alone = new Pacer({ ...whole, index: 0, count: 1 });
      const { count } = whole;
      const shared = new Pacer({ ...whole, index: number % count, count });
      expect(shared.dueAt(Math.floor(number / count))).toBeCloseTo(alone.dueAt(number), 3);
    }),
  );
});
