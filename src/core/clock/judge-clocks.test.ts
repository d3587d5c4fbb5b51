import { expect, test } from 'vitest';
import type { ClockReading } from './clock-reading.ts';
import { judgeClocks } from './judge-clocks.ts';

const chrony = (offsetMs: number, comparedMs: number, synchronised = true): ClockReading => ({
  source: 'chrony',
  offsetMs,
  errorBarMs: Math.abs(offsetMs) + 1,
  synchronised,
  reference: 'ntp',
  comparison: { offsetMs: comparedMs, errorBarMs: 2 },
});
const ssh = (offsetMs: number, errorBarMs: number): ClockReading => ({
  ...{ source: 'ssh', offsetMs, errorBarMs: Math.abs(offsetMs) + errorBarMs, synchronised: false },
  ...{ reference: 'this machine', comparison: { offsetMs, errorBarMs } },
});
const judge = (...readings: ClockReading[]) =>
  judgeClocks(readings, { maxOffsetMs: 20, mustFollow: true }).map((verdict) => verdict.kind);

test('all within the limit', () =>
  expect(judge(chrony(1, 0), chrony(-19, 1), chrony(0, -1))).toEqual(['ok', 'ok', 'ok']));
test('one says itself that it is off', () => expect(judge(chrony(0, 0), chrony(500, 500))).toContain('apart'));
test('one believes itself right, and the others know better', () =>
  expect(judge(chrony(0, 1), chrony(0, 250), chrony(0, 0))).toEqual(['ok', 'apart', 'ok']));
test('this machine being wrong is not the fault of the hosts', () =>
  expect(judge(chrony(0, 5000), chrony(0, 5001), chrony(0, 4999))).toEqual(['ok', 'ok', 'ok']));
test('a bad connection alone is no reason', () => {
  const options = { maxOffsetMs: 20, mustFollow: false };
  expect(judgeClocks([ssh(90, 100), ssh(0, 1)], options)).toEqual([{ kind: 'ok' }, { kind: 'ok' }]);
  expect(judgeClocks([ssh(90, 10), ssh(0, 1), ssh(1, 1)], options)[0]).toMatchObject({ kind: 'apart', byMs: 90 });
});
test('a host that follows nothing', () => expect(judge(chrony(0, 0, false))).toEqual(['unsynchronised']));
