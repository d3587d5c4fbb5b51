import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseGoDuration } from './parse-go-duration.ts';

test.each([
  ['0s', 0],
  ['1ns', 1e-6],
  ['628.087µs', 0.628087],
  ['63.635μs', 0.063635],
  ['1.997985427s', 1997.985427],
  ['1m2.5s', 62_500],
  ['100h0m1s', 360_001_000],
])('%s', (text, ms) => {
  expect(parseGoDuration(text)).toBeCloseTo(ms, 9);
});

test.each([undefined, 5, '', '5', 's', '1d', '-1s', '1s ago'])('no duration: %s', (text) => {
  expect(parseGoDuration(text)).toBeUndefined();
});

test('whatever Go prints', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(59), fc.nat(59), fc.nat(999), (hours, minutes, seconds, millis) => {
      const fraction = String(millis).padStart(3, '0');
      expect(parseGoDuration(`${hours}h${minutes}m${seconds}.${fraction}s`)).toBeCloseTo(
        ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis,
        3,
      );
    }),
  );
});
