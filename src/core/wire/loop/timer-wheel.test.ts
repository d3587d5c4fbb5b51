import { expect, test, vi } from 'vitest';
import { TimerWheel } from './timer-wheel.ts';

test('fires what is due, never early, not what was cancelled', async () => {
  const wheel = new TimerWheel();
  const begin = performance.now();
  const fired: { delay: number; after: number }[] = [];
  const delays = [0, 5, 40, 40, 100, 150, 300];
  for (const delay of delays) wheel.schedule(delay, () => fired.push({ delay, after: performance.now() - begin }));
  const cancelled = wheel.schedule(50, () => expect.fail('it was cancelled'));
  wheel.cancel(cancelled);
  wheel.cancel(cancelled);
  await vi.waitFor(() => expect(fired).toHaveLength(delays.length), { timeout: 10_000, interval: 5 });
  for (const { delay, after } of fired) expect(after).toBeGreaterThanOrEqual(delay);
  expect(fired.map(({ delay }) => delay)).toEqual(delays);
});

test('a callback can schedule and cancel', async () => {
  const wheel = new TimerWheel();
  const log: string[] = [];
  const other = wheel.schedule(20, () => log.push('other'));
  wheel.schedule(1, () => {
    wheel.cancel(other);
    log.push('first');
    wheel.schedule(0, () => log.push('second'));
  });
  await vi.waitFor(() => expect(log).toEqual(['first', 'second']), { timeout: 10_000, interval: 5 });
});

test('later than one turn of the wheel', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
  try {
    const wheel = new TimerWheel();
    const log: number[] = [];
    for (const seconds of [1, 20, 60]) wheel.schedule(seconds * 1000, () => log.push(seconds));
    vi.advanceTimersByTime(19_000);
    expect(log).toEqual([1]);
    vi.advanceTimersByTime(2000);
    expect(log).toEqual([1, 20]);
    vi.advanceTimersByTime(40_000);
    expect(log).toEqual([1, 20, 60]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
