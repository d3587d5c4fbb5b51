import type { LoadEnd } from '@etcdperf/core/load';
import { expect, test } from 'vitest';
import { type KeyFlagValues, keysFrom } from './key-flags.ts';
import { rangeFrom } from './read-flags.ts';

const FLAGS: KeyFlagValues = { prefix: 'p/', 'key-size': 8, 'sequential-keys': false };
const TOTAL: LoadEnd = { kind: 'total', requests: 700 };
const LASTING: LoadEnd = { kind: 'duration', ms: 1000 };

test.each<[string, Partial<KeyFlagValues>, LoadEnd, number, number]>([
  ['random keys are many', {}, TOTAL, 1, 100_000],
  ['as many as keys of that size there are', { 'key-size': 3 }, TOTAL, 1, 1000],
  ['sequential: one for each request', { 'sequential-keys': true }, TOTAL, 1, 700],
  ['sequential: one for each operation of each request', { 'sequential-keys': true }, TOTAL, 10, 7000],
  ['sequential, for a time', { 'sequential-keys': true }, LASTING, 1, 100_000],
  ['sequential, begins again when keys run out', { 'sequential-keys': true, 'key-size': 2 }, TOTAL, 1, 100],
  ['what is asked for', { 'key-space-size': 1 }, TOTAL, 1, 1],
  ['all that there are', { 'key-space-size': 1000, 'key-size': 3 }, TOTAL, 1, 1000],
])('key space: %s', (_, flags, end, keysPerRequest, size) => {
  const { keys } = keysFrom({ ...FLAGS, ...flags }, end, keysPerRequest);
  expect(keys).toEqual({ prefix: 'p/', digits: flags['key-size'] ?? 8, size });
});

test('key spaces that cannot be', () => {
  expect(() => keysFrom({ ...FLAGS, 'key-size': 3, 'key-space-size': 1001 }, TOTAL)).toThrow('only 1000 keys');
  expect(() => keysFrom({ ...FLAGS, 'key-space-size': 9 }, TOTAL, 10)).toThrow('10 different keys');
  expect(() => keysFrom({ ...FLAGS, 'key-size': 1 }, TOTAL, 11)).toThrow('11 different keys');
});

test.each<[string, string | undefined, object]>([
  ['a', undefined, { key: 'a' }],
  ['a', 'b', { key: 'a', rangeEnd: 'b' }],
  ['a', '', { key: 'a', rangeEnd: '\0' }],
  // By bytes, as etcd orders keys: not by UTF-16 units.
  ['\u{ffff}', '\u{10000}', { key: '\u{ffff}', rangeEnd: '\u{10000}' }],
])('range KEY=%j END=%j', (key, end, range) => {
  expect(rangeFrom(key, end)).toEqual({ kind: 'fixed', range });
});

test.each([
  ['b', 'a'],
  ['a', 'a'],
  ['', undefined],
])('no range: KEY=%j END=%j', (key, end) => {
  expect(() => rangeFrom(key, end)).toThrow();
});
