import { LeaseLedger } from '@etcdperf/core/leases';
import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';
import { DueTimes } from './due-times.ts';

/** Leases that run out 2 s after each of these moments. */
function dueTimes(...renewedAt: number[]): DueTimes {
  const ledger = new LeaseLedger({ first: 2 ** 52, count: renewedAt.length });
  renewedAt.forEach((at, number) => {
    ledger.onRenewed(number, at, 2);
  });
  return new DueTimes(ledger, ledger.existing());
}

test('how many are due at a moment', () => {
  const due = dueTimes(300, 100, 200, 200);
  expect([due.count, due.first, due.last]).toEqual([4, 2100, 2300]);
  expect([2099, 2100, 2199, 2200, 2300, 9999].map((now) => due.countBy(now))).toEqual([0, 1, 1, 3, 4, 4]);
  expect(dueTimes().first).toBeNaN();
});

test('what is due and not gone is the backlog; the report tells its worst, and the pace', () => {
  const backlog = new Backlog(dueTimes(0, 0, 1000, 1000), 1000);
  expect(backlog.note(0, 1900)).toEqual({ atMs: 900, due: 0, gone: 0, overdue: 0 });
  expect(backlog.note(0, 2000)).toEqual({ atMs: 1000, due: 2, gone: 0, overdue: 2 });
  expect(backlog.note(1, 3000)).toEqual({ atMs: 2000, due: 4, gone: 1, overdue: 3 });
  expect(backlog.report('metrics', undefined)).toMatchObject({ left: 3, lastGoneMs: undefined, gonePerSec: undefined });
  // A list that is older than the counter changes nothing.
  expect(backlog.note(0, 4000)).toMatchObject({ gone: 1 });
  expect(backlog.changedAt).toBe(3000);
  backlog.note(4, 5000);
  expect(backlog.report('metrics', 5000)).toEqual({
    leases: 4,
    firstDueMs: 1000,
    lastDueMs: 2000,
    lastGoneMs: 4000,
    left: 0,
    mostOverdue: 3,
    gonePerSec: 2,
    seenBy: 'metrics',
  });
});
