import { afterEach, expect, test, vi } from 'vitest';
import { wallClockOffsetMs } from './wall-clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

// A look at either clock takes a microsecond. At a tick, which comes after some 300 looks at both, the process is away
// twice for 3.7 ms: before it looks at the one, or at the other.
test.each(['Date', 'performance'])('an interruption before a look at %s does not shift the clock', (which) => {
  let trueMs = 1_000_000.4;
  let interruptions = 0;
  const look = (clock: string) => {
    trueMs += 0.001;
    if (clock !== which || interruptions === 2 || trueMs % 1 < 0.996) return trueMs;
    interruptions += 1;
    trueMs += 3.7;
    return trueMs;
  };
  vi.spyOn(performance, 'now').mockImplementation(() => look('performance') - 1_000_000);
  vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(look('Date')));
  expect(Math.abs(wallClockOffsetMs() - 1_000_000)).toBeLessThan(0.01);
  expect(interruptions).toBe(2);
});
