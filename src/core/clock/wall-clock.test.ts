import { afterEach, expect, test, vi } from 'vitest';
import { wallClockOffsetMs } from './wall-clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('an interruption at the tick does not shift the clock', () => {
  let trueMs = 1_000_000.4;
  let looks = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => trueMs - 1_000_000);
  vi.spyOn(Date, 'now').mockImplementation(() => {
    looks += 1;
    // Each look takes a microsecond; twice, right before a tick, the process is away for 3.7 ms.
    trueMs += looks === 590 || looks === 700 ? 3.7 : 0.001;
    return Math.floor(trueMs);
  });
  expect(Math.abs(wallClockOffsetMs() - 1_000_000)).toBeLessThan(0.01);
  expect(looks).toBeGreaterThan(700);
});
