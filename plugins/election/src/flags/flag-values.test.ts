import { expect, test } from 'vitest';
import { parseConnections } from './connections.ts';
import { parseReplication } from './replication.ts';

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
