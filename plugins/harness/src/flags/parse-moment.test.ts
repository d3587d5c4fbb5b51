import { InputError } from '@etcdperf/core/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMoment } from './parse-moment.ts';

const now = new Date('2026-11-21T12:00:00').getTime();

test.each([
  ['now', now],
  ['1h', now - 3_600_000],
  ['1m30s', now - 90_000],
  ['2d', now - 2 * 86_400_000],
  ['11:30', now - 1_800_000],
  ['12:30', now - 86_400_000 + 1_800_000],
  ['11:59:59.5', now - 500],
  ['2026-11-21', now - 12 * 3_600_000],
  ['2026-11-21 11:00', now - 3_600_000],
  ['2026-11-21T11:00:30', now - 3_600_000 + 30_000],
  ['2026-11-21T11:00:00Z', Date.UTC(2026, 10, 21, 11)],
  ['2026-11-21T11:00:00+0200', Date.UTC(2026, 10, 21, 9)],
])('%s', (text, ms) => {
  expect(parseMoment(text, now)).toBe(ms);
});

test.each(['', 'yesterday', '1', '25:00', '2026-13-01', '1h ago', '-1h', '0s'])('no time: %s', (text) => {
  expect(() => parseMoment(text, now)).toThrow(InputError);
});

test('every time in ISO 8601', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
      expect(parseMoment(date.toISOString(), now)).toBe(date.getTime());
    }),
  );
});
