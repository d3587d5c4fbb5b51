import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePorts, startEtcd, startTcpProxy, type TestCluster } from '../../testing/index.ts';
import type { WatchEvent } from '../messages/index.ts';
import { WireError } from '../wire-error.ts';
import { WireClient } from './wire-client.ts';

const WAIT = { timeout: 30_000, interval: 10 };
const text = (value: Buffer | undefined) => value?.toString();
const failureOf = (promise: Promise<unknown>): Promise<WireError> =>
  promise.then(
    () => expect.fail('it should not succeed'),
    (error) => {
      expect(error).toBeInstanceOf(WireError);
      return error as WireError;
    },
  );

/** Collects what a watch delivers, as `revision:value`. */
function collector() {
  const seen: string[] = [];
  const log: string[] = [];
  return {
    seen,
    log,
    handlers: {
      onEvents: (events: readonly WatchEvent[]) => {
        for (const { type, kv } of events)
          seen.push(type === 'put' ? `${kv.modRevision}:${kv.value}` : `${kv.modRevision}`);
      },
      onCreated: () => void log.push('created'),
      onDisconnected: () => void log.push('disconnected'),
      onResumed: (revision: number) => void log.push(`resumed ${revision}`),
      onGap: (gap: { fromRevision: number; toRevision: number }) =>
        void log.push(`gap ${gap.fromRevision}-${gap.toRevision}`),
      onCanceled: (end: { compactRevision: number }) => void log.push(`canceled ${end.compactRevision}`),
    },
  };
}

describe('one member', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startEtcd();
  });
  afterAll(() => cluster.stop());

  test('keys: put, range, delete, transactions', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    await client.put('kv/a', '1');
    const second = await client.put('kv/a', '2', { prevKv: true });
    expect(text(second.prevKv?.value)).toBe('1');
    await client.put('kv/b', Buffer.from([0, 255]));
    const range = await client.range('kv/', { prefix: true, limit: 1 });
    expect(range).toMatchObject({ count: 2, more: true });
    expect(range.kvs.map(({ key, value, version }) => [text(key), text(value), version])).toEqual([['kv/a', '2', 2]]);
    expect((await client.range('kv/a', { revision: second.header.revision - 1 })).kvs[0]?.value).toEqual(
      Buffer.from('1'),
    );
    const txn = {
      compare: [{ key: 'kv/new', target: 'create', is: '=', value: 0 }],
      success: [
        { kind: 'put', key: 'kv/new', value: 'x' },
        { kind: 'range', key: 'kv/a' },
        { kind: 'range', key: 'kv/b' },
      ],
      failure: [{ kind: 'range', key: 'kv/new' }],
    } as const;
    const first = await client.txn(txn);
    expect(first.succeeded).toBe(true);
    expect(first.responses.map(({ kind }) => kind)).toEqual(['put', 'range', 'range']);
    expect(await client.txn(txn)).toMatchObject({ succeeded: false, responses: [{ kind: 'range', count: 1 }] });
    expect((await client.deleteRange('kv/', { prefix: true, prevKv: true })).prevKvs).toHaveLength(3);
    expect(await client.range('', { prefix: true, countOnly: true })).toMatchObject({ count: 0 });
    expect(await client.memberList()).toMatchObject([{ name: 'm1', clientUrls: cluster.endpoints }]);
    const status = await client.status();
    expect(status.memberId).toBe(second.header.memberId);
    expect(status.leader).toBe(status.memberId);

    const hash = await client.hashKv(second.header.revision);
    expect(await client.hashKv(second.header.revision)).toMatchObject({ hash: hash.hash, compactRevision: -1 });
    expect((await client.hashKv(first.header.revision)).hash).not.toBe(hash.hash);
  });

  test('values of 1.4 MB go through the windows, many at once', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints, requestTimeoutMs: 60_000 });
    const value = Buffer.alloc(1_400_000, 'large');
    await Promise.all(Array.from({ length: 8 }, (_, index) => client.put(`large/${index}`, value)));
    const { kvs } = await client.range('large/', { prefix: true });
    expect(kvs).toHaveLength(8);
    expect(kvs.every((kv) => kv.value.equals(value))).toBe(true);
    const error = await failureOf(client.put('larger', Buffer.alloc(3_000_000)));
    expect(error).toMatchObject({ outcome: 'fail', reason: 'too-large' });
  });

  test('all leases; the lock service: the second waits until the first unlocks', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    const ids = Array.from({ length: 100 }, (_, index) => 2n ** 60n + BigInt(index));
    await Promise.all(ids.map((id) => client.leaseGrant(60, id)));
    expect([...(await client.leases()).ids]).toEqual(expect.arrayContaining(ids));
    const first = await client.lock('locks/one', ids[0]!);
    expect(text(first.key)).toBe(`locks/one/${ids[0]!.toString(16)}`);
    const order: string[] = [];
    const second = client.lock('locks/one', ids[1]!).then((lock) => {
      order.push('locked');
      return lock;
    });
    await vi.waitFor(async () => expect((await client.range('locks/one/', { prefix: true })).count).toBe(2), WAIT);
    order.push('unlocking');
    await client.unlock(first.key);
    await client.unlock((await second).key);
    expect(order).toEqual(['unlocking', 'locked']);
    await Promise.all(ids.map((id) => client.leaseRevoke(id)));
    expect([...(await client.leases()).ids].filter((id) => ids.includes(id))).toEqual([]);
  });

  test('defragmentation gives back what compacted values took', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints, requestTimeoutMs: 30_000 });
    for (let round = 0; round < 5; round += 1) await client.put('fat', Buffer.alloc(1_000_000, round));
    const { header } = await client.deleteRange('fat');
    await client.compact(header.revision, { physical: true });
    const before = await client.status();
    await client.defragment();
    expect((await client.status()).dbSize).toBeLessThan(before.dbSize - 3_000_000);
  });

  test('leases: granted, kept alive on one stream, revoked, expired', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    const leases = await Promise.all([60, 70, 80].map((ttl) => client.leaseGrant(ttl)));
    const kept = await Promise.all(leases.map(({ id }) => client.leaseKeepAlive(id)));
    expect(kept.map(({ id, ttlSeconds }) => [id, ttlSeconds])).toEqual(
      leases.map(({ id, ttlSeconds }) => [id, ttlSeconds]),
    );
    const [lease] = leases;
    await client.put('leased', 'x', { lease: lease!.id });
    expect((await client.leaseTimeToLive(lease!.id, { keys: true })).keys.map(text)).toEqual(['leased']);
    await client.leaseRevoke(lease!.id);
    expect((await client.range('leased')).count).toBe(0);
    expect(await client.leaseKeepAlive(lease!.id)).toMatchObject({ ttlSeconds: 0 });
    expect(await failureOf(client.leaseRevoke(lease!.id))).toMatchObject({
      outcome: 'fail',
      reason: 'lease-not-found',
    });
    const events = collector();
    client.watch({ key: 'short' }, events.handlers);
    await vi.waitFor(() => expect(events.log).toEqual(['created']), WAIT);
    const short = await client.leaseGrant(1, 4711n);
    expect(short.id).toBe(4711n);
    await client.put('short', 'x', { lease: 4711n });
    await vi.waitFor(() => expect(events.seen).toHaveLength(2), WAIT);
  });

  test('several watches on one stream, closed one by one', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    const { header } = await client.put('w/0', 'before');
    const [past, now, closed] = [collector(), collector(), collector()];
    client.watch({ key: 'w/', prefix: true, startRevision: header.revision }, past.handlers);
    const watcher = client.watch({ key: 'w/1' }, now.handlers);
    client.watch({ key: 'w/', prefix: true }, closed.handlers).close();
    await vi.waitFor(() => expect([past.log, now.log]).toEqual([['created'], ['created']]), WAIT);
    await client.put('w/1', 'one');
    await client.deleteRange('w/1');
    await vi.waitFor(() => expect([past.seen.length, now.seen.length]).toEqual([3, 2]), WAIT);
    watcher.close();
    await client.put('w/1', 'two');
    await vi.waitFor(() => expect(past.seen).toHaveLength(4), WAIT);
    expect([now.seen.length, closed.seen, closed.log]).toEqual([2, [], []]);
  });

  test('a watch from a compacted revision is canceled, and says what there is', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    for (const value of ['1', '2', '3']) await client.put('compacted', value);
    const { header } = await client.put('compacted', '4');
    await client.compact(header.revision, { physical: true });
    const events = collector();
    client.watch({ key: 'compacted', startRevision: header.revision - 2 }, events.handlers);
    await vi.waitFor(() => expect(events.log).toEqual(['created', `canceled ${header.revision}`]), WAIT);
    const error = await failureOf(client.range('compacted', { revision: header.revision - 2 }));
    expect(error).toMatchObject({ outcome: 'fail', reason: 'compacted' });
  });

  test('events of one huge revision come whole', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints, requestTimeoutMs: 60_000 });
    const { header } = await client.put('huge', 'x');
    // Larger than etcd sends in one response: it comes in fragments.
    for (let index = 0; index < 4; index += 1) await client.put('huge', Buffer.alloc(1_200_000, index));
    const events = collector();
    client.watch({ key: 'huge', startRevision: header.revision }, events.handlers);
    await vi.waitFor(() => expect(events.seen).toHaveLength(5), WAIT);
  });

  test('a dead line: the deadline holds, a write is in doubt, a PING without answer ends the connection', async () => {
    await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
    await using client = await WireClient.connect({
      endpoints: [`http://${proxy.address}`],
      // Far behind the deadlines below, also where the machine is slow.
      keepaliveMs: 1000,
      keepaliveTimeoutMs: 1000,
    });
    await client.put('dead', '1');
    proxy.blackhole();
    expect(await failureOf(client.put('dead', '2', { timeoutMs: 100 }))).toMatchObject({
      outcome: 'unknown',
      reason: 'deadline',
    });
    expect(await failureOf(client.range('dead', { timeoutMs: 100 }))).toMatchObject({
      outcome: 'fail',
      reason: 'deadline',
    });
    const lost = await failureOf(client.put('dead', '3', { timeoutMs: 20_000 }));
    expect(lost).toMatchObject({ outcome: 'unknown', reason: 'connection' });
    proxy.heal();
    expect(text((await client.range('dead', { timeoutMs: 20_000 })).kvs[0]?.value)).toBe('1');
  });

  test('a call is aborted, a client is closed', async () => {
    await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
    await using client = await WireClient.connect({ endpoints: [`http://${proxy.address}`] });
    await client.put('abort', '1');
    proxy.blackhole();
    const abort = new AbortController();
    const aborted = failureOf(client.range('abort', { signal: abort.signal }));
    abort.abort();
    expect(await aborted).toMatchObject({ outcome: 'fail', reason: 'cancelled' });
    const open = [failureOf(client.range('abort')), failureOf(client.leaseKeepAlive(1n))];
    await client.close();
    expect((await Promise.all(open)).map(({ reason }) => reason)).toEqual(['cancelled', 'cancelled']);
    expect(await failureOf(client.put('abort', '2'))).toMatchObject({ outcome: 'fail', reason: 'cancelled' });
  });

  test('cut again and again, a watch loses and repeats nothing; compaction meanwhile is a gap', async () => {
    await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
    await using writer = await WireClient.connect({ endpoints: cluster.endpoints });
    await using client = await WireClient.connect({ endpoints: [`http://${proxy.address}`] });
    const events = collector();
    client.watch({ key: 'cut' }, events.handlers);
    await vi.waitFor(() => expect(events.log).toEqual(['created']), WAIT);
    const expected: string[] = [];
    const write = async (value: string) => {
      const { header } = await writer.put('cut', value);
      expected.push(`${header.revision}:${value}`);
      return header.revision;
    };
    for (let round = 0; round < 5; round += 1) {
      await write(`${round}a`);
      proxy.cut();
      await write(`${round}b`);
      proxy.heal();
      await write(`${round}c`);
      await vi.waitFor(() => expect(events.seen).toEqual(expected), WAIT);
    }
    proxy.cut();
    await vi.waitFor(() => expect(events.log.at(-1)).toBe('disconnected'), WAIT);
    const last = events.seen.length;
    const lostRevision = await write('lost');
    const kept = await write('kept');
    await writer.compact(kept);
    proxy.heal();
    await vi.waitFor(() => expect(events.seen.slice(last)).toEqual([`${kept}:kept`]), WAIT);
    expect(events.log).toContain(`gap ${lostRevision}-${kept - 1}`);
  });

  test('stream ids run out: another connection goes on', async () => {
    await using client = await WireClient.connect({ endpoints: cluster.endpoints, firstStreamId: 0x7fffffff - 40 });
    const events = collector();
    client.watch({ key: 'ids' }, events.handlers);
    await vi.waitFor(() => expect(events.log).toEqual(['created']), WAIT);
    await Promise.all(Array.from({ length: 100 }, (_, index) => client.put('ids', `${index}`)));
    await vi.waitFor(() => expect(events.seen).toHaveLength(100), WAIT);
    expect(new Set(events.seen).size).toBe(100);
  });

  test('nobody is there: said at once, with all endpoints', async () => {
    const endpoints = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
    const error = await failureOf(WireClient.connect({ endpoints }));
    expect(error).toMatchObject({ outcome: 'fail', reason: 'connection' });
    expect(error.message).toContain(endpoints.join(', '));
    await expect(WireClient.connect({ endpoints: ['nonsense'] })).rejects.toThrow('"nonsense" is not an etcd endpoint');
  });
});

test('three members: the one in use is killed under load; every call has an outcome, the watch misses nothing', async () => {
  await using cluster = await startEtcd({ members: 3 });
  await using client = await WireClient.connect({ endpoints: cluster.endpoints, requestTimeoutMs: 20_000 });
  const events = collector();
  client.watch({ key: 'load/', prefix: true }, events.handlers);
  await vi.waitFor(() => expect(events.log).toEqual(['created']), WAIT);
  const outcomes = { ok: 0, fail: 0, unknown: 0 };
  const acknowledged: string[] = [];
  const failed: string[] = [];
  let isOver = false;
  const worker = async (name: number) => {
    for (let count = 0; !isOver; count += 1) {
      try {
        const { header } = await client.put(`load/${name}`, `${name}.${count}`);
        acknowledged.push(`${header.revision}:${name}.${count}`);
        outcomes.ok += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        const { outcome } = error as WireError;
        outcomes[outcome] += 1;
        if (outcome === 'fail') failed.push(`${name}.${count}`);
      }
    }
  };
  const workers = Array.from({ length: 20 }, (_, index) => worker(index));
  await vi.waitFor(() => expect(outcomes.ok).toBeGreaterThan(200), WAIT);
  const victim = cluster.members.find(({ endpoint }) => endpoint === client.endpoint)!;
  await victim.kill();
  const before = outcomes.ok;
  await vi.waitFor(() => expect(outcomes.ok).toBeGreaterThan(before + 200), WAIT);
  isOver = true;
  await Promise.all(workers);
  expect(client.endpoint).not.toBe(victim.endpoint);
  await vi.waitFor(() => {
    const delivered = new Set(events.seen);
    expect(acknowledged.filter((event) => !delivered.has(event))).toEqual([]);
  }, WAIT);
  expect(new Set(events.seen).size).toBe(events.seen.length);
  // What is said to have failed did not happen.
  const values = new Set(events.seen.map((event) => event.split(':')[1]));
  expect(failed.filter((value) => values.has(value))).toEqual([]);
  expect(events.log).toContain('disconnected');
});

test('quorum is lost: calls fail in time, watches move about; it comes back: all goes on', async () => {
  await using cluster = await startEtcd({ members: 3 });
  await using client = await WireClient.connect({ endpoints: cluster.endpoints, requestTimeoutMs: 1000 });
  const events = collector();
  client.watch({ key: 'quorum' }, events.handlers);
  await vi.waitFor(() => expect(events.log).toEqual(['created']), WAIT);
  await client.put('quorum', '1');
  const [first, second] = cluster.members;
  first!.pause();
  second!.pause();
  // SIGSTOP takes its time: until then they might still agree.
  for (const { pid } of [first!, second!])
    await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) T /), WAIT);
  expect(await failureOf(client.put('quorum', '2'))).toMatchObject({ outcome: expect.stringMatching('unknown|fail') });
  first!.resume();
  second!.resume();
  await vi.waitFor(() => client.put('quorum', '3', { timeoutMs: 2000 }), WAIT);
  // The write in doubt may come before it, after it, or never.
  await vi.waitFor(() => expect(events.seen).toContainEqual(expect.stringMatching(/:3$/)), WAIT);
});

describe('TLS', () => {
  test.each(['server', 'mutual'] as const)('%s', async (tls) => {
    await using cluster = await startEtcd({ tls });
    const { ca, client: own } = cluster.certificates!;
    const access = { endpoints: cluster.endpoints, tls: { ca, ...(tls === 'mutual' ? own : {}) } };
    await using client = await WireClient.connect(access);
    const value = Buffer.alloc(1_000_000, 'tls');
    await client.put('tls', value);
    expect((await client.range('tls')).kvs[0]?.value.equals(value)).toBe(true);
    const events = collector();
    client.watch({ key: 'tls' }, events.handlers);
    await vi.waitFor(() => expect(events.log).toEqual(['created']), WAIT);
    await client.put('tls', 'small');
    await vi.waitFor(() => expect(events.seen).toHaveLength(1), WAIT);
    const stranger = await failureOf(WireClient.connect({ endpoints: cluster.endpoints }));
    expect(stranger).toMatchObject({ reason: 'connection' });
    expect(
      await failureOf(WireClient.connect({ ...access, tls: { ...access.tls, serverName: 'other.example' } })),
    ).toMatchObject({
      message: expect.stringContaining('other.example'),
    });
    if (tls === 'mutual') await failureOf(WireClient.connect({ endpoints: cluster.endpoints, tls: { ca } }));
    await using careless = await WireClient.connect({
      ...access,
      tls: { ...access.tls, ca: undefined, insecureSkipVerify: true },
    });
    expect((await careless.range('tls')).count).toBe(1);
  });
});

test.each(['localhost', '127.0.0.1'])(
  'behind another address, the certificate must be for serverName: %s',
  async (serverName) => {
    const [port] = await freePorts(1);
    const endpoints = [`https://127.0.0.2:${port}`];
    await using cluster = await startEtcd({ tls: 'server', flags: { 'listen-client-urls': endpoints[0]! } });
    const { ca } = cluster.certificates!;
    await using client = await WireClient.connect({ endpoints, tls: { ca, serverName } });
    await client.put('key', 'value');
    for (const tls of [{ ca }, { ca, serverName: 'other.example' }]) {
      const refused = await failureOf(WireClient.connect({ endpoints, tls }));
      expect(refused).toMatchObject({ reason: 'connection', message: expect.stringContaining('altnames') });
    }
  },
);

test('users: tokens expire and are renewed, for calls and watches; a wrong password is refused', async () => {
  await using cluster = await startEtcd({ flags: { 'auth-token-ttl': 1 } });
  const { Etcd3 } = await import('etcd3');
  const admin = new Etcd3({ hosts: cluster.endpoints });
  await admin.user('root').create('secret');
  await admin.user('root').addRole('root');
  await admin.auth.authEnable();
  admin.close();
  const access = { endpoints: cluster.endpoints, auth: { user: 'root', password: 'secret' } };
  await using client = await WireClient.connect(access);
  const events = collector();
  client.watch({ key: 'auth' }, events.handlers);
  await vi.waitFor(() => expect(events.log).toEqual(['created']), WAIT);
  await client.put('auth', '1');
  // The member forgets the token, as it does after its time to live.
  await cluster.members[0]!.restart();
  await client.put('auth', '2', { timeoutMs: 20_000 });
  await vi.waitFor(() => expect(events.seen).toHaveLength(2), WAIT);
  const wrong = await failureOf(WireClient.connect({ ...access, auth: { user: 'root', password: 'wrong' } }));
  expect(wrong).toMatchObject({ outcome: 'fail', reason: 'unauthenticated' });
  expect(wrong.message).not.toContain('wrong');
  await using nobody = await WireClient.connect({ endpoints: cluster.endpoints });
  expect(await failureOf(nobody.put('auth', '3'))).toMatchObject({ outcome: 'fail', reason: 'unauthenticated' });
});
