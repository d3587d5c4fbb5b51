import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEtcd } from '@etcdperf/core/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { driveWorkload, testFolder } from '../../testing/drive-workload.ts';
import { readCsv } from '../../testing/parse-csv.ts';

afterEach(() => {
  vi.useRealTimers();
});

const HOUR_MS = 3_600_000;

test('the clock is stepped by an hour, there and back, while a driver runs: durations stay what they were', async () => {
  await using cluster = await startEtcd();
  await using folder = await testFolder();
  const startedMs = Date.now();
  const since = performance.now();
  // Dates alone; timers and performance.now() go on.
  vi.useFakeTimers({ toFake: ['Date'], now: startedMs });
  let stepMs = 0;
  let intervals = 0;
  const { report: running } = driveWorkload(
    {
      pattern: '/stepped/:ip/%node-%02d[20]/%key-%02d[10];#50',
      valueChurn: { ratePerSec: 200 },
      reads: { level: 2, ratePerSec: 50 },
      durationMs: 1500,
    },
    {
      endpoints: cluster.endpoints,
      folder: folder.path,
      statsIntervalMs: 200,
      resumeFrom: 'folder',
      context: {
        onStep: () => {
          intervals += 1;
          if (intervals % 2 === 0) stepMs = stepMs === HOUR_MS ? -HOUR_MS : HOUR_MS;
          vi.setSystemTime(startedMs + stepMs + (performance.now() - since));
        },
      },
    },
  );
  const report = await running;
  const tookMs = performance.now() - since;
  expect(intervals).toBeGreaterThan(4);
  expect(report.ending).toEqual({ kind: 'complete' });
  expect(report.steady!.durationMs).toBeGreaterThan(1000);
  expect(report.steady!.durationMs).toBeLessThan(tookMs);
  // Rates neither: 200 + 50 a second, no more and not a fraction of it.
  expect(report.steady!.sent).toBeGreaterThan(100);
  expect(report.steady!.sent).toBeLessThan(400);
  for (const { ok, latency } of report.steady!.series) if (ok > 0) expect(latency.maxMs).toBeLessThan(tookMs);

  const rows = readCsv(readFileSync(join(folder.path, 'driver.csv'), 'utf8'));
  const ofIntervals = rows.filter(({ test: event }) => event === 'pattern-interval');
  expect(ofIntervals.length).toBeGreaterThan(3);
  for (const row of rows) {
    expect(Number(row['duration (ms)'])).toBeGreaterThan(0);
    expect(Number(row['duration (ms)'])).toBeLessThan(tookMs);
  }
  // Stamps are of the clock as it was then: before and after the steps.
  const stamps = ofIntervals.map((row) => Date.parse(row.startTime!));
  expect(Math.max(...stamps) - Math.min(...stamps)).toBeGreaterThan(HOUR_MS);
});
