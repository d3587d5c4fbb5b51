import { expect, test } from 'vitest';
import { parseDuration } from './parse-duration.ts';

test.each([
  ['500ms', 500],
  ['2s', 2000],
  ['1.5s', 1500],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['30d', 2_592_000_000],
  ['1m30s', 90_000],
  ['1h0m0.5s', 3_600_500],
])('the duration %s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', 's', '-1s', '0s', '0.1ms', '1 day', '1m 30s', '1m30', '1e3s', '99999999999999h'])(
  '%j is no duration',
  (text) => {
    expect(() => parseDuration(text)).toThrow('is no duration');
  },
);
