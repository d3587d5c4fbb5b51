import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LatencyRecorder } from '../stats/index.ts';
import { intervalSample } from './interval-sample.ts';
import type { LoadReport } from './load-report.ts';
import { writePerfdashReport } from './perfdash-report.ts';
import { secondSamplesCsv } from './second-samples.ts';
import { Series } from './series.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'etcdperf-samples-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function series(name: string, latenciesMs: readonly number[]): Series {
  const one = new Series(name);
  for (const ms of latenciesMs) one.latency.record(ms * 1e6);
  one.ok = latenciesMs.length;
  return one;
}

/** A line of samples.jsonl that ends so long after 1,800,000,000 s. */
function line(fromMs: number, toMs: number, all: readonly Series[]): string {
  const counts = { errors: [], sent: 0, late: 0, dropped: 0, inFlight: 0, counters: {}, threadCpuMs: 0 };
  const figures = { ...counts, series: all, lateness: new LatencyRecorder(), eventLoopLagP99Ms: 0 };
  const span = { fromMs, toMs, at: new Date(1_800_000_000_000 + toMs) };
  return JSON.stringify(intervalSample(figures, span, { cpuPercent: 1, eventLoopLagP99Ms: 0, rssMb: 1 }));
}

test('intervals become seconds: series together, short intervals too, long ones per second', async () => {
  const lines = [
    line(0, 500, [series('read', [1, 2]), series('write', [9])]),
    line(500, 1000, [series('read', []), series('write', [4])]),
    line(1000, 2000, [series('read', []), series('write', [])]),
    line(2000, 4000, [
      series(
        'read',
        Array.from({ length: 10 }, () => 3),
      ),
      series('write', []),
    ]),
    line(4000, 4100, [series('read', [5]), series('write', [])]),
  ];
  writeFileSync(join(dir, 'samples.jsonl'), `${lines.join('\n')}\n`);
  expect((await secondSamplesCsv(dir)).split('\n')).toEqual([
    'UNIX-SECOND,MIN-LATENCY-MS,AVG-LATENCY-MS,MAX-LATENCY-MS,AVG-THROUGHPUT',
    '1800000000,1,4,9,4',
    '1800000001,,,,0',
    '1800000002,3,3,3,5',
    '1800000004,5,5,5,1',
  ]);
});

test('perfdash gets a file that is named as that of etcd’s own tool', async () => {
  const one = (name: string, ms: readonly number[]) => ({ name, latency: series(name, ms).latency.figures() });
  const report = {
    command: 'bench:txn-mixed',
    series: [one('read', [1, 2, 3]), one('write', [])],
  } as unknown as LoadReport;
  const path = await writePerfdashReport(report, join(dir, '_artifacts'));
  expect(readdirSync(join(dir, '_artifacts'))).toEqual([path.split('/').at(-1)]);
  expect(path).toMatch(/\/EtcdAPI_benchmark_txn-mixed_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.json$/);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    version: 'v1',
    dataItems: [
      {
        data: { Perc50: expect.closeTo(2, 1), Perc90: 3, Perc99: 3, Perc999: 3 },
        unit: 'ms',
        labels: { Operation: 'TXN-MIXED-READ' },
      },
      { data: { Perc50: 0, Perc90: 0, Perc99: 0, Perc999: 0 }, unit: 'ms', labels: { Operation: 'TXN-MIXED-WRITE' } },
    ],
  });
  writeFileSync(join(dir, 'file'), '');
  await expect(writePerfdashReport(report, join(dir, 'file'))).rejects.toMatchObject({ exitCode: 1 });
});
