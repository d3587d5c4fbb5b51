import type { LoadReport } from '@etcdperf/core/load';
import { expect, test } from 'vitest';
import type { DriverReport } from './driver-report.ts';
import { exitCodeOfDriver } from './exit-code-of-driver.ts';

const load = (ok: number, fail = 0, isMet = true) =>
  ({ series: [{ ok, fail, unknown: 0 }], thresholds: [{ isMet }] }) as unknown as LoadReport;

const verified = (verdict: 'clean' | 'faulty' | 'incomplete') => ({ verdict }) as DriverReport['verification'];

test.each<[number, string, Partial<DriverReport>]>([
  [0, 'a run that came to its end', { steady: load(5) }],
  [0, 'the end key', { ending: { kind: 'end-key' }, steady: load(5) }],
  [0, 'some failures', { steady: load(5, 4) }],
  [0, 'watchers that saw nothing', { steady: load(0) }],
  [0, 'a clean verification', { verification: verified('clean') }],
  [0, 'a verification that could not look at all', { verification: verified('incomplete') }],
  [1, 'broken promises', { verification: verified('faulty'), steady: load(5) }],
  [1, 'nothing but failures', { steady: load(0, 5) }],
  [0, 'failures after a loading that went well', { ramp: load(5), steady: load(0, 5) }],
  [1, 'a stop', { ending: { kind: 'stopped', reason: 'login refused' }, steady: load(5) }],
  [1, 'another one in its place', { ending: { kind: 'superseded', reason: 'pod-8' }, steady: load(5) }],
  [1, 'a results file with missing lines', { csv: { file: 'x.csv', problem: 'ENOSPC' }, steady: load(5) }],
  [1, 'a run folder that is not whole', { unwritten: 'ENOSPC', steady: load(5) }],
  [3, 'a missed threshold', { steady: load(5, 0, false) }],
  [3, 'a missed threshold of the loading', { ramp: load(5, 0, false), steady: load(5) }],
  [3, 'a threshold that ended it', { ending: { kind: 'aborted', threshold: 'p99<1s' }, steady: load(5) }],
  [130, 'Ctrl-C', { ending: { kind: 'interrupted' }, steady: load(5, 0, false) }],
])('%i: %s', (code, _, parts) => {
  const report = { ending: { kind: 'complete' }, ...parts } as DriverReport;
  expect(exitCodeOfDriver(report)).toBe(code);
});
