import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OperationError } from '../errors/index.ts';
import { freePorts, startEtcd } from '../testing/index.ts';
import { clusterStatus } from './cluster-status.ts';
import { openCluster } from './control-client.ts';
import { connectEtcd3 } from './etcd3-connection.ts';
import { startLocalCluster } from './local-cluster.ts';

const LONG = { timeout: 30_000, interval: 50 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-control-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function requireLogin(etcd: Etcd3): Promise<void> {
  try {
    await etcd.user('root').create('secret');
    await etcd.role('root').create();
    await etcd.user('root').addRole('root');
    await etcd.auth.authEnable();
  } finally {
    etcd.close();
  }
}

const start = (members: number, flags = {}) => startLocalCluster({ dir: join(folder, 'cluster'), members, flags });

test('reads, writes, deletes; tells members, leader and status', async () => {
  await using cluster = await start(1);
  using client = openCluster(cluster.access);
  expect(await client.get('key')).toBeNull();
  await client.put('key', Buffer.from([0, 255]));
  expect(await client.get('key')).toEqual(Buffer.from([0, 255]));
  expect([await client.delete('key'), await client.delete('key')]).toEqual([true, false]);
  const [member] = await client.members();
  expect(member).toMatchObject({ name: 'member1', clientUrls: cluster.endpoints, isLearner: false });
  const leader = await client.leader();
  expect(leader).toMatchObject({ memberId: member?.id, leader: member?.id, isLeader: true, version: cluster.version });
  expect(leader!.dbSizeInUseBytes).toBeGreaterThan(0);
  expect(leader!.raftAppliedIndex).toBeLessThanOrEqual(leader!.raftIndex);
  // An endpoint that is not there changes nothing for the calls, and is told in the status.
  using half = openCluster({ endpoints: ['http://127.0.0.1:1', ...cluster.endpoints] });
  expect(await half.get('key')).toBeNull();
  expect((await half.status()).map((status) => status.kind)).toEqual(['down', 'up']);
  expect((await half.health()).problems).toEqual(['http://127.0.0.1:1: connection refused']);
});

test('with a full database the alarm is told, and the cluster is not healthy', async () => {
  await using cluster = await start(1, { 'quota-backend-bytes': 512 * 1024 });
  using client = openCluster(cluster.access);
  // etcd sees how large its database is only now and then.
  const fill = async () => {
    for (let i = 0; i < 10_000; i++) await client.put(`fill${i}`, Buffer.alloc(64 * 1024));
  };
  await expect(fill()).rejects.toThrow(/database space exceeded/);
  await vi.waitFor(async () => {
    const status = await clusterStatus({ access: cluster.access });
    expect(status).toMatchObject({ healthy: false, leader: 'member1' });
    expect(status.members[0]?.alarms).toEqual(['NOSPACE']);
    expect(status.problems.join()).toContain('alarm NOSPACE of member');
  }, LONG);
});

test('a certificate of nobody known is refused, unless whatever is shown is to be taken', async () => {
  await using cluster = await startEtcd({ tls: 'mutual' });
  const { cert, key } = cluster.certificates!.client;
  const { endpoints } = cluster;
  using strict = openCluster({ endpoints, tls: { cert, key } });
  expect(await strict.status()).toMatchObject([{ kind: 'down', error: expect.stringContaining('certificate') }]);
  using insecure = openCluster({ endpoints, tls: { cert, key, insecureSkipVerify: true } });
  expect(await insecure.status()).toMatchObject([{ kind: 'up' }]);
  expect(await insecure.get('key')).toBeNull();
});

test.each(['localhost', '127.0.0.1'])(
  'behind another address, the certificate must be for serverName: %s',
  async (serverName) => {
    const [port] = await freePorts(1);
    // No certificate of the tests is for it.
    const endpoints = [`https://127.0.0.2:${port}`];
    await using cluster = await startEtcd({ tls: 'mutual', flags: { 'listen-client-urls': endpoints[0]! } });
    const { ca, client: own } = cluster.certificates!;
    const tls = { ca, ...own };
    const down = [{ kind: 'down', error: 'its certificate is for another name or address' }];
    using strict = openCluster({ endpoints, tls });
    expect(await strict.status()).toMatchObject(down);
    using named = openCluster({ endpoints, tls: { ...tls, serverName } });
    expect(await named.status()).toMatchObject([{ kind: 'up' }]);
    await named.put('key', 'value');
    using misnamed = openCluster({ endpoints, tls: { ...tls, serverName: 'other.example' } });
    expect(await misnamed.status()).toMatchObject(down);
    // Logins go over a connection of their own.
    await requireLogin(await connectEtcd3(endpoints[0]!, { endpoints, tls: { ...tls, serverName } }));
    using user = openCluster({ endpoints, tls: { ...tls, serverName }, auth: { user: 'root', password: 'secret' } });
    expect((await user.get('key'))?.toString()).toBe('value');
  },
);

test('with login needed, a password opens, a wrong one and none are refused', async () => {
  await using cluster = await start(1);
  await requireLogin(new Etcd3({ hosts: [...cluster.endpoints] }));
  using own = openCluster({ ...cluster.access, auth: { user: 'root', password: 'secret' } });
  await own.put('key', 'value');
  expect((await own.health()).healthy).toBe(true);
  for (const auth of [{ user: 'root', password: 'wrong' }, undefined]) {
    using other = openCluster({ ...cluster.access, ...(auth && { auth }) });
    const failure = other.get('key');
    await expect(failure).rejects.toBeInstanceOf(OperationError);
    await expect(failure).rejects.toThrow(/authentication failed|user name is empty/);
    await expect(failure).rejects.not.toThrow(/secret|wrong/);
  }
});

test('nobody there is said with all endpoints', async () => {
  const endpoints = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
  using client = openCluster({ endpoints });
  await expect(client.get('key')).rejects.toMatchObject({
    message: "etcd can't be reached: connection refused",
    where: endpoints.join(', '),
    exitCode: 1,
  });
});
