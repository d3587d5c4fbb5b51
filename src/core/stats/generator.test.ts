import { afterEach, expect, test, vi } from 'vitest';
import { generatorUsage } from './generator-usage.ts';
import { type EventLoopLag, watchEventLoopLag } from './watch-event-loop-lag.ts';

let lag: EventLoopLag | undefined;
afterEach(() => lag?.stop());

function block(forMs: number): void {
  const end = performance.now() + forMs;
  while (performance.now() < end);
}

test('a blocked event loop shows, and is forgotten after a reset', async () => {
  lag = watchEventLoopLag();
  const { maxMs, reset, p99Ms } = lag;
  await vi.waitFor(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      block(200);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(maxMs()).toBeGreaterThan(100);
      expect(p99Ms()).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 10 },
  );
  reset();
  expect(maxMs()).toBe(0);
  expect(p99Ms()).toBe(0);
});

test('CPU time over wall time, in percent of one core', () => {
  let wallNs = 0n;
  let cpuUs = 0;
  const usage = generatorUsage({ wallNs: () => wallNs, cpuUs: () => cpuUs });
  expect(usage.cpuPercent()).toBe(0);
  wallNs = 2_000_000_000n;
  cpuUs = 3_000_000;
  expect(usage.cpuPercent()).toBe(150);
  usage.reset();
  wallNs += 1_000_000_000n;
  expect(usage.cpuPercent()).toBe(0);
});

test('a busy process uses CPU', () => {
  const usage = generatorUsage();
  block(50);
  expect(usage.cpuPercent()).toBeGreaterThan(0);
});
