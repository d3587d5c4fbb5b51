import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LockKind, takeLock } from './locks.ts';
import { Session } from './session.ts';

const WAIT = { timeout: 30_000, interval: 10 };
const never = new AbortController().signal;

let cluster: TestCluster;
let client: WireClient;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});

const waiting = async (name: string) => (await client.range(`${name}/`, { prefix: true })).count;

test('one at a time, whichever way the lock is taken', async () => {
  const kinds: LockKind[] = ['lock-client', 'lock-rpc', 'lock-client', 'lock-rpc', 'lock-client', 'lock-rpc'];
  const increment = async () => {
    const before = Number((await client.range('count')).kvs[0]?.value ?? 0);
    await client.put('count', String(before + 1));
  };
  const callers = kinds.map(async (kind) => {
    const session = await Session.open(client);
    for (let i = 0; i < 10; i += 1) {
      const release = await takeLock(kind, client, session, 'lock', never);
      await increment();
      await release();
    }
    await session.close();
  });
  await Promise.all(callers);
  expect(String((await client.range('count')).kvs[0]?.value)).toBe('60');
  expect(await waiting('lock')).toBe(0);
  expect((await client.leases()).ids).toHaveLength(0);
});

test.each(['lock-client', 'lock-rpc'] as const)('%s: who gives up waiting is out of the queue', async (kind) => {
  const [first, second] = [await Session.open(client), await Session.open(client)];
  const release = await takeLock(kind, client, first, `${kind}-abort`, never);
  const abort = new AbortController();
  const late = takeLock(kind, client, second, `${kind}-abort`, abort.signal);
  await vi.waitFor(async () => expect(await waiting(`${kind}-abort`)).toBe(2), WAIT);
  abort.abort();
  await expect(late).rejects.toMatchObject({ reason: 'cancelled' });
  await vi.waitFor(async () => expect(await waiting(`${kind}-abort`)).toBe(1), WAIT);
  await release();
  await Promise.all([first.close(), second.close()]);
});

test('the lock is the next one’s when its holder’s lease ends', async () => {
  const [first, second] = [await Session.open(client), await Session.open(client)];
  await takeLock('lock-client', client, first, 'dying', never);
  const next = takeLock('lock-client', client, second, 'dying', never);
  await vi.waitFor(async () => expect(await waiting('dying')).toBe(2), WAIT);
  await first.close();
  const release = await next;
  await release();
  await second.close();
});
