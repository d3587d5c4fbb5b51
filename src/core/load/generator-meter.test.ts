import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { meterGenerator } from './generator-meter.ts';

const IDLE = { threadCpuMs: 0, eventLoopLagP99Ms: 0 };

function block(forMs: number): void {
  const end = performance.now() + forMs;
  while (performance.now() < end);
}

test('a thread that makes its load itself is seen at work', async () => {
  using meter = meterGenerator({ threads: 1 });
  meter.start();
  await vi.waitFor(
    async () => {
      block(150);
      await sleep(15);
      const report = meter.finish();
      expect(report.threadCpuPercent).toBeGreaterThan(5);
      expect(report.cpuPercent).toBeGreaterThanOrEqual(report.threadCpuPercent - 1);
      expect(report.machineCpuPercent).toBeGreaterThan(0);
      expect(report.machineCpuPercent).toBeLessThanOrEqual(100);
      expect(report.eventLoopLagP99Ms).toBeGreaterThan(50);
    },
    { timeout: 20_000, interval: 1 },
  );
  const sample = meter.interval(IDLE);
  expect(sample.cpuPercent).toBeGreaterThan(0);
  expect(sample.eventLoopLagP99Ms).toBeGreaterThan(50);
  expect(sample.rssMb).toBeGreaterThan(10);
  // The next interval knows nothing of the last one, the window of both.
  expect(meter.interval(IDLE).eventLoopLagP99Ms).toBeLessThan(50);
  expect(meter.finish().eventLoopLagP99Ms).toBeGreaterThan(50);
});

test('of several threads it is theirs that counts', () => {
  using meter = meterGenerator({ threads: 2 });
  const beganAt = performance.now();
  meter.start();
  block(20);
  expect(meter.interval({ threadCpuMs: 8, eventLoopLagP99Ms: 3 }).eventLoopLagP99Ms).toBe(3);
  expect(meter.interval({ threadCpuMs: 4, eventLoopLagP99Ms: 1 }).eventLoopLagP99Ms).toBe(1);
  const { threadCpuPercent, eventLoopLagP99Ms } = meter.finish();
  // 6 ms of each thread.
  expect(threadCpuPercent).toBeLessThanOrEqual(30);
  expect(threadCpuPercent).toBeGreaterThanOrEqual(600 / (performance.now() - beganAt) - 0.1);
  expect(eventLoopLagP99Ms).toBe(3);
});
