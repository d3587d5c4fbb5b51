import { expect, test } from 'vitest';
import { agentsConfigSchema, candidateConfigSchema } from './index.ts';

const common = { host: 'node1', endpoints: ['http://127.0.0.1:2379'] };

test('what is left out gets its default', () => {
  const candidate = candidateConfigSchema.parse({ ...common, identity: 'node1', payload: 'x', replication: {} });
  expect(candidate).toMatchObject({ algorithm: 'one-key', ttlSeconds: 2, keepaliveMs: 500, prefix: '', recover: true });
  expect(candidate.replication).toEqual({ batchSize: 1000, valueBytes: 1024, intervalMs: 5000 });
  expect(agentsConfigSchema.parse({ ...common, count: 5 })).toMatchObject({ connections: 'own', jitterMs: 0 });
});

test.each([
  ['no agents', { count: 0 }],
  ['fewer than none', { count: -1 }],
  ['half an agent', { count: 1.5 }],
  ['absurdly many', { count: 1e9 }],
  ['a key that is not known', { count: 1, cuont: 2 }],
  ['no endpoint', { count: 1, endpoints: [] }],
  ['an endpoint that is no URL', { count: 1, endpoints: ['node1:2379'] }],
  ['a prefix that is no path', { count: 1, prefix: 'lab' }],
  ['an identity that breaks records', { count: 1, identityPrefix: 'a|b' }],
  ['no connections', { count: 1, connections: { shared: 0 } }],
])('refused: %s', (_name, config) => {
  expect(agentsConfigSchema.safeParse({ ...common, ...config }).success).toBe(false);
});
