import { expect, test } from 'vitest';
import { DeliveryLag } from './delivery-lag.ts';

function lags(lag: DeliveryLag) {
  const { ok, latency } = lag.take();
  return { ok, maxMs: Math.round(latency.percentile(100) / 1e6), untimed: lag.untimed };
}

test('an event is timed from the intended start of its write', () => {
  const lag = new DeliveryLag();
  lag.onPutEnded(1, 0, 'ok', 7, 130, 100);
  lag.onEvent(7, 150);
  lag.onEvent(7, 150);
  expect(lags(lag)).toEqual({ ok: 2, maxMs: 50, untimed: 0 });
});

test('one that comes before the answer waits for it', () => {
  const lag = new DeliveryLag();
  lag.onEvent(7, 150);
  lag.onEvent(7, 160);
  expect(lag.take().ok).toBe(0);
  lag.onDeleteEnded(0, 5, 'ok', 7, 170, 100);
  expect(lags(lag)).toEqual({ ok: 2, maxMs: 60, untimed: 0 });
  // And those after it.
  lag.onEvent(7, 180);
  expect(lags(lag)).toEqual({ ok: 1, maxMs: 80, untimed: 0 });
});

test('the last event of a read counts when the answer comes right after it', () => {
  const lag = new DeliveryLag();
  lag.onEvent(7, 150);
  lag.onPutEnded(1, 0, 'ok', 7, 151, 100);
  lag.onEvent(8, 152);
  expect(lags(lag)).toEqual({ ok: 1, maxMs: 50, untimed: 0 });
});

test('writes of others, and those without an answer, are not timed, and forgotten in time', () => {
  const lag = new DeliveryLag();
  lag.onPutEnded(1, 0, 'unknown', 0, 120, 100);
  const revisions = 300_000;
  for (let revision = 1; revision <= revisions; revision += 1) lag.onEvent(revision, revision);
  const { ok, untimed } = lags(lag);
  expect(ok).toBe(0);
  expect(untimed).toBe(revisions - 65_536);
  // Ours are timed all the same.
  lag.onEvent(revisions + 1, 500_100);
  lag.onPutEnded(1, 1, 'ok', revisions + 1, 500_200, 500_000);
  expect(lags(lag)).toMatchObject({ ok: 1, maxMs: 100 });
});

test('an answer that comes after 65536 later revisions is too late', () => {
  const lag = new DeliveryLag();
  lag.onPutEnded(1, 0, 'ok', 65_536 + 7, 100, 100);
  lag.onEvent(7, 150);
  expect(lags(lag)).toMatchObject({ ok: 0, untimed: 1 });
});
