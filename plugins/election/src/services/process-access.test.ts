import type { ClusterAccess } from '@etcdperf/core/etcd';
import { expect, test } from 'vitest';
import { wireOptions } from '../agent/wire-options.ts';
import { agentsConfigSchema } from '../protocol/index.ts';
import { processAccess } from './process-access.ts';

test('a process reaches the cluster as whoever started it does', () => {
  const access: ClusterAccess = {
    endpoints: ['https://a:2379', 'https://b:2379'],
    tls: {
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      serverName: 'etcd-0.etcd.lab.svc',
      insecureSkipVerify: true,
    },
    auth: { user: 'root', password: 'secret' },
    dialTimeoutMs: 700,
  };
  const written = JSON.parse(JSON.stringify({ host: 'node1', count: 1, ...processAccess(access) }));
  expect(wireOptions(agentsConfigSchema.parse(written))).toMatchObject(access);
  const plain = JSON.parse(
    JSON.stringify({ host: 'node1', count: 1, ...processAccess({ endpoints: ['http://a:1'] }) }),
  );
  expect(wireOptions(agentsConfigSchema.parse(plain))).toMatchObject({ endpoints: ['http://a:1'], tls: undefined });
});
