import { expect, test } from 'vitest';
import { LoadTally } from './load-tally.ts';

const KINDS = [
  { name: 'read', isWrite: false },
  { name: 'write', isWrite: true },
];

function tally(measuredFrom: number): LoadTally {
  const made = new LoadTally(KINDS);
  made.measuredFrom = measuredFrom;
  return made;
}

const countsOf = ({ series }: ReturnType<LoadTally['take']>) =>
  series.map(({ name, ok, fail, unknown, latency }) => [name, ok, fail, unknown, latency.count]);

test('what was meant to start in the warm-up is in flight, and not counted', () => {
  const counted = tally(100);
  for (const startedAt of [98, 99, 100, 101]) counted.onStarted(startedAt);
  expect(counted.inFlight).toBe(4);
  counted.onOk(0, 98, 150);
  counted.onFailed(1, 99, 'unknown', 'lost');
  counted.onOk(0, 100, 150);
  counted.onFailed(1, 101, 'unknown', 'lost');
  counted.onWritten(99, 120);
  counted.onWritten(100, 120);
  const taken = counted.take();
  expect(countsOf(taken)).toEqual([
    ['read', 1, 0, 0, 1],
    ['write', 0, 0, 1, 0],
  ]);
  expect(taken).toMatchObject({ sent: 2, late: 1, errors: [{ message: 'lost', outcome: 'unknown', count: 1 }] });
  expect(taken.series[0]!.latency.percentile(100)).toBe(50e6);
  expect(taken.lateness.count).toBe(1);
  expect(counted.inFlight).toBe(0);
});

test('each interval begins with nothing, and leaves the one before alone', () => {
  const counted = tally(0);
  const count = (times: number) => {
    for (let request = 0; request < times; request += 1) {
      counted.onStarted(1);
      counted.onWritten(1, 1.5);
      counted.onOk(0, 1, 2);
    }
  };
  for (const times of [3, 5, 0, 2]) {
    count(times);
    const taken = counted.take();
    // Of the next interval.
    count(1);
    expect(countsOf(taken)[0]).toEqual(['read', times, 0, 0, times]);
    expect(taken.lateness.count).toBe(times);
    expect(taken).toMatchObject({ sent: times, late: 0, dropped: 0 });
    counted.take();
  }
});

test('messages that are never the same twice are told as one, in the end', () => {
  const counted = tally(0);
  for (let revision = 0; revision < 10_000; revision += 1) counted.onUnsent(0, 1, 'fail', `no revision ${revision}`);
  const { errors, series } = counted.take();
  expect(series[0]!.fail).toBe(10_000);
  expect(errors.length).toBeLessThan(200);
  expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  expect(errors.at(-1)).toMatchObject({ message: 'other errors' });
});
