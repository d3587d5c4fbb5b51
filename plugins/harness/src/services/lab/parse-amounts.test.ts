import { expect, test } from 'vitest';
import { parseDuration, parseSize } from './parse-amounts.ts';

test.each([
  ['5s', 5000],
  ['200ms', 200],
  ['+1.5m', 90_000],
  ['-200ms', -200],
])('%s is %i ms', (text, ms) => expect(parseDuration(text, 'signed')).toBe(ms));

test.each(['', '5', 's', '5 s', '--5s', '5d'])('%j is no duration', (text) =>
  expect(() => parseDuration(text, 'signed')).toThrow(/is no duration/),
);

test('a length of time has no sign', () => expect(() => parseDuration('-5s', 'unsigned')).toThrow('write it like 5s'));

test.each([
  ['512m', 512 * 1024 ** 2],
  ['4G', 4 * 1024 ** 3],
  ['1.5gib', 1.5 * 1024 ** 3],
])('%s is %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each(['', '4', '-1g', 'g'])('%j is no size', (text) => expect(() => parseSize(text)).toThrow(/is no size/));
