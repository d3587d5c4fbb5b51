import type { Series } from '@etcdperf/core/load';
import { expect, test } from 'vitest';
import { WatchLag } from './watch-lag.ts';
import { WatchRevisionLag } from './watch-revision-lag.ts';

/** Count, smallest and biggest of each series. */
function taken(lag: WatchLag): Record<string, [number, number, number]> {
  const figures = (series: Series): [number, number, number] => {
    const { count, minMs, maxMs } = series.latency.figures();
    expect(count).toBe(series.ok);
    return [count, minMs, maxMs];
  };
  return Object.fromEntries(
    lag
      .take()
      .filter(({ ok }) => ok > 0)
      .map((series) => [series.name, figures(series)]),
  );
}

test('lags from the intended start, from the send and from the acknowledgement, with their sign', () => {
  const lag = new WatchLag();
  lag.onSent(0, 10, 12, 7);
  // Two watchers before the acknowledgement, in one read; one after it.
  lag.onEvent(0, 10, 15);
  lag.onSameEvent();
  lag.onAcknowledged(0, 20);
  lag.onEvent(0, 10, 26);
  expect(taken(lag)).toEqual({
    delivery: [3, 5, 16],
    'delivery-from-send': [3, 3, 14],
    'delivery-after-ack': [1, 6, 6],
    'delivery-before-ack': [2, 5, 5],
  });
  expect(lag.keyOf(0)).toBe(7);
  expect(taken(lag)).toEqual({});
  expect(lag.measured).toBe(3);
  expect([lag.totals.early.count, lag.totals.acknowledged.count]).toEqual([2, 1]);
});

test('one write’s early events wait for its acknowledgement, however many others come and go', () => {
  const lag = new WatchLag();
  for (let sequence = 0; sequence < 1000; sequence++) lag.onSent(sequence, sequence, sequence, 0);
  for (let now = 2000; now < 2010; now++) {
    for (let sequence = 0; sequence < 1000; sequence++) lag.onEvent(sequence, sequence, now);
  }
  expect(Object.keys(taken(lag))).toEqual(['delivery', 'delivery-from-send']);
  for (let sequence = 0; sequence < 1000; sequence++) lag.onAcknowledged(sequence, 3000);
  expect(taken(lag)).toEqual({ 'delivery-before-ack': [10_000, 991, 1000] });
});

test('a write without an answer: its events are timed from the intended start and the send alone', () => {
  const lag = new WatchLag();
  lag.onSent(0, 10, 11, 0);
  lag.onEvent(0, 10, 15);
  lag.onFailed(0);
  lag.onEvent(0, 10, 17);
  expect(taken(lag)).toEqual({ delivery: [2, 5, 7], 'delivery-from-send': [1, 4, 4] });
  expect(lag.untimed).toBe(2);
});

test('the oldest write that is open', () => {
  const lag = new WatchLag();
  expect(lag.oldestOpen).toBe(0);
  for (let sequence = 0; sequence < 3; sequence++) lag.onSent(sequence, 0, 0, 0);
  lag.onAcknowledged(1, 1);
  expect([lag.oldestOpen, lag.begun]).toEqual([0, 3]);
  lag.onFailed(0);
  expect(lag.oldestOpen).toBe(2);
  lag.onAcknowledged(2, 1);
  expect(lag.oldestOpen).toBe(3);
});

test('events of writes long ago keep their lag from the intended start; memory does not keep the rest', () => {
  const lag = new WatchLag();
  for (let sequence = 0; sequence < 200_000; sequence++) {
    lag.onSent(sequence, sequence, sequence, 0);
    if (sequence > 0) lag.onAcknowledged(sequence, sequence + 0.5);
  }
  lag.onEvent(0, 0, 200_000);
  lag.onAcknowledged(0, 200_001);
  expect(taken(lag)).toEqual({ delivery: [1, 200_000, 200_000] });
  expect(lag.untimed).toBe(1);
  expect(lag.oldestOpen).toBe(200_000);
});

test('the warm-up is not counted', () => {
  const lag = new WatchLag(1);
  lag.onSent(0, 99, 99, 0);
  lag.onSent(1, 100, 100, 0);
  lag.onEvent(0, 99, 110);
  lag.onEvent(1, 100, 110);
  lag.onAcknowledged(0, 111);
  lag.onAcknowledged(1, 111);
  expect(taken(lag)).toEqual({
    delivery: [1, 10, 10],
    'delivery-from-send': [1, 10, 10],
    'delivery-before-ack': [1, 1, 1],
  });
});

test('events without a stamp are found by their revision, acknowledged before or after', () => {
  const lag = new WatchLag();
  const byRevision = new WatchRevisionLag(lag);
  lag.onSent(0, 10, 11, 0);
  lag.onSent(1, 20, 21, 0);
  byRevision.onEvent(100, 15);
  byRevision.onEvent(100, 16);
  byRevision.onEvent(100, 16);
  byRevision.onAcknowledged(0, 100);
  lag.onAcknowledged(0, 18);
  byRevision.onAcknowledged(1, 101);
  lag.onAcknowledged(1, 25);
  byRevision.onEvent(101, 27);
  expect(taken(lag)).toEqual({
    delivery: [4, 5, 7],
    'delivery-from-send': [4, 4, 6],
    'delivery-after-ack': [1, 2, 2],
    'delivery-before-ack': [3, 2, 3],
  });
});

test('writes of others fill no memory', () => {
  const lag = new WatchLag();
  const byRevision = new WatchRevisionLag(lag);
  for (let revision = 1; revision <= 50_000; revision++) byRevision.onEvent(revision, 1);
  expect(lag.untimed).toBe(40_000);
});
