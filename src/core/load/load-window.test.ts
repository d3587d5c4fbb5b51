import { expect, test } from 'vitest';
import { LoadWindow } from './load-window.ts';

test('the warm-up is admitted and costs nothing of the total', () => {
  const window = new LoadWindow({ end: { kind: 'total', requests: 2 }, warmupMs: 10 }, 100);
  expect(window.measuredFrom).toBe(110);
  for (let time = 100; time < 110; time += 1) expect(window.admit(time)).toBe(true);
  expect(window.admit(110)).toBe(true);
  expect(window.isClosed).toBe(false);
  expect(window.admit(500)).toBe(true);
  // Nobody need ask a third time to learn that it was the last.
  expect(window.isClosed).toBe(true);
  expect(window.admit(500)).toBe(false);
});

test('by the clock: what was meant to start before the end is admitted, though it is asked for later', () => {
  const window = new LoadWindow({ end: { kind: 'duration', ms: 50 }, warmupMs: 0 }, 100);
  expect(window.endsAt).toBe(150);
  expect(window.admit(149.9)).toBe(true);
  expect(window.admit(150)).toBe(false);
  expect(window.isClosed).toBe(true);
  expect(window.admit(149)).toBe(false);
});
