import { expect, test } from 'vitest';
import { napMs, timerMs } from './rest.ts';

// [next request due in ms, rate per s, ms by a timer, else ms by a nap]
const TABLE: readonly [number, number, number, number][] = [
  // Far away: a timer, which wakes early enough that a nap does the rest. Now and then it looks up.
  [60_000, 1, 1000, 0],
  [10, 100, 8, 0],
  [2.3, 1000, 1, 0],
  // Nearer than a timer can tell: naps, but short ones, since answers come meanwhile.
  [2, 1000, 0, 0.25],
  [0.5, 5000, 0, 0.25],
  // The last nap ends a little before the time, since the kernel wakes late.
  [0.2, 5000, 0, 0.14],
  // Nothing is gained by less; what is due already is sent at once.
  [0.062, 5000, 0, 0],
  [-3, 5000, 0, 0],
  // Many a second: naps of one length, whatever is due.
  [0.05, 20_000, 0, 0.25],
  [-1, 20_000, 0, 0.25],
];

test.each(TABLE)('next request in %f ms at %f/s: a timer of %f ms, else a nap of %f ms', (wait, rate, timer, nap) => {
  expect(timerMs(wait)).toBe(timer);
  if (timer === 0) expect(napMs(wait, rate, 0.06)).toBeCloseTo(nap, 6);
});
