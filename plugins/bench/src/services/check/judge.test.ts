import type { LoadReport } from '@etcdperf/core/load';
import { expect, test } from 'vitest';
import { judgeDatascale } from './judge-datascale.ts';
import { ETCDCTL_LIMITS, judgePerf } from './judge-perf.ts';

const good = { ok: 60_000, fail: 0, unknown: 0, perSec: 1000, maxMs: 40, stddevMs: 3 };

function reportOf(put: Partial<typeof good>, more: Partial<LoadReport> = {}): LoadReport {
  const { maxMs, stddevMs, ...rest } = { ...good, ...put };
  return {
    series: [{ name: 'put', ...rest, latency: { maxMs, stddevMs } }],
    ending: { kind: 'complete' },
    dropped: 0,
    members: [],
    ...more,
  } as unknown as LoadReport;
}

test.each([
  [{}, 'pass', []],
  // More than 90 %, not just that.
  [{ perSec: 900 }, 'fail', ['throughput']],
  [{ perSec: 900.1 }, 'pass', []],
  [{ maxMs: 500, stddevMs: 100 }, 'pass', []],
  [{ maxMs: 500.1 }, 'fail', ['slowest']],
  [{ stddevMs: 100.1 }, 'fail', ['stddev']],
  [{ fail: 1 }, 'fail', ['errors']],
  [{ unknown: 1 }, 'fail', ['errors']],
  [{ ok: 0, perSec: 0, maxMs: Number.NaN, stddevMs: Number.NaN }, 'fail', ['throughput', 'slowest', 'stddev']],
] as const)('perf: %j', (put, verdict, missed) => {
  const check = judgePerf(reportOf(put), 1000, ETCDCTL_LIMITS);
  expect(check.verdict).toBe(verdict);
  expect(check.criteria.filter(({ isMet }) => !isMet).map(({ name }) => name)).toEqual(missed);
});

test('perf: writes that were never sent fail it; an interrupted load has no verdict', () => {
  expect(judgePerf(reportOf({}, { dropped: 1 }), 1000, ETCDCTL_LIMITS).verdict).toBe('fail');
  expect(judgePerf(reportOf({}, { ending: { kind: 'interrupted' } }), 1000, ETCDCTL_LIMITS).verdict).toBe('none');
});

const member = (name: string, memoryGrowthMb?: number, dbGrowthMb?: number) =>
  ({ name, memoryGrowthMb, dbGrowthMb, problem: memoryGrowthMb === undefined ? 'HTTP 404' : undefined }) as never;

test.each([
  [[member('a', 100, 50)], undefined, undefined, []],
  [[member('a', 100, 50), member('b', 101, 51)], 100, 51, ['memory of b']],
  [[member('a', 100, 50)], 100, 49, ['database of a']],
  [[member('a')], undefined, undefined, ['memory of a', 'database of a']],
])('datascale: %j', (members, memoryMb, dbMb, missed) => {
  const check = judgeDatascale(reportOf({ ok: 1024 }, { members }), { memoryMb, dbMb });
  expect(check.criteria.filter(({ isMet }) => !isMet).map(({ name }) => name)).toEqual(missed);
  expect(check.verdict).toBe(missed.length === 0 ? 'pass' : 'fail');
});

test('datascale: what a key costs', () => {
  const { criteria } = judgeDatascale(reportOf({ ok: 1024 }, { members: [member('a', 2, 1)] }), {
    memoryMb: undefined,
    dbMb: undefined,
  });
  expect(criteria.map(({ text }) => text)).toEqual([
    'no write failed',
    'the memory of a grew by 2.0 MB, 2048 bytes a key',
    'the database of a grew by 1.0 MB, 1024 bytes a key',
  ]);
});
