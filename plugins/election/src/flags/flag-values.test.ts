import { expect, test } from 'vitest';
import { parseConnections } from './connections.ts';
import { parseDuration } from './duration.ts';
import { parseReplication } from './replication.ts';

test.each([
  ['500ms', 500],
  ['2s', 2000],
  ['1.5s', 1500],
  ['10m', 600_000],
  ['1h', 3_600_000],
])('the duration %s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', 's', '-1s', '0s', '0.1ms', '1 day', '1e3s', '99999999999999h'])('%j is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow('is no duration');
});

test('ways to connect', () => {
  expect(parseConnections('own')).toBe('own');
  expect(parseConnections('shared:8')).toEqual({ shared: 8 });
  for (const wrong of ['shared', 'shared:0', 'shared:-1', 'shared:1.5', 'Own', '']) {
    expect(() => parseConnections(wrong)).toThrow('not a way to connect');
  }
});

test('state replication', () => {
  expect(parseReplication('off')).toBeNull();
  expect(parseReplication('on')).toEqual({ batchSize: 1000, valueBytes: 1024, intervalMs: 5000 });
  expect(parseReplication('10x64/500ms')).toEqual({ batchSize: 10, valueBytes: 64, intervalMs: 500 });
  for (const wrong of ['', '0x1/1s', '1x0/1s', '10x64', '10x64/0s', 'yes'])
    expect(() => parseReplication(wrong)).toThrow();
});
