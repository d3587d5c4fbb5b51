import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEtcd, startTcpProxy, type TestCluster } from '../../testing/index.ts';
import { WireLoop } from '../loop/index.ts';
import { LiveEndpoints } from './live-endpoints.ts';
import { WireClient } from './wire-client.ts';

const WAIT = { timeout: 30_000, interval: 10 };

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startEtcd({ members: 3 });
});
afterAll(() => cluster.stop());

/** How many of the clients are connected to each. */
function spread(clients: readonly WireClient[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { connection } of clients) {
    const { endpoint } = connection?.target ?? { endpoint: 'none' };
    counts[endpoint] = (counts[endpoint] ?? 0) + 1;
  }
  return counts;
}

test('an array like any other', () => {
  const endpoints = new LiveEndpoints(['http://a:1', 'http://b:1']);
  expect(JSON.stringify(endpoints)).toBe('["http://a:1","http://b:1"]');
  expect(endpoints.map((_, index) => index)).not.toBeInstanceOf(LiveEndpoints);
  expect(structuredClone([...endpoints])).toEqual(['http://a:1', 'http://b:1']);
  endpoints.replace(['http://c:1'], []);
  expect([...endpoints]).toEqual(['http://c:1']);
});

test('a member that is gone is left for the others evenly; what is open there goes on, watches lose nothing', async () => {
  const [first, second, third] = cluster.endpoints as [string, string, string];
  const options = { endpoints: new LiveEndpoints([first]), loop: new WireLoop() };
  await using stack = new AsyncDisposableStack();
  const clients: WireClient[] = [];
  for (let index = 0; index < 6; index += 1) {
    const client = stack.use(await WireClient.connect(options));
    clients.push(client);
  }
  expect(spread(clients)).toEqual({ [first]: 6 });
  const [client, other] = clients as [WireClient, WireClient];
  const [held, waiting] = [await client.leaseGrant(60), await client.leaseGrant(60)];
  const lock = await client.lock('live/lock', held.id);
  const next = client.lock('live/lock', waiting.id, { timeoutMs: 30_000 });
  await vi.waitFor(async () => expect((await other.range('live/lock', { prefix: true })).count).toBe(2), WAIT);
  const seen: string[] = [];
  const created = Promise.withResolvers<void>();
  other.watch(
    { key: 'live/watched' },
    {
      onCreated: () => created.resolve(),
      onEvents: (events) => void seen.push(...events.map(({ kv }) => String(kv.value))),
    },
  );
  await created.promise;
  await other.put('live/watched', 'before');

  const left = clients.map(({ connection }) => connection);
  options.endpoints.replace([second, third], [first]);
  expect(left.map((connection) => connection?.isUsable)).toEqual(Array(6).fill(false));
  await vi.waitFor(() => expect(spread(clients)).toEqual({ [second]: 3, [third]: 3 }), WAIT);
  await other.put('live/watched', 'after');
  await vi.waitFor(() => expect(seen).toEqual(['before', 'after']), WAIT);
  // This one is waited for on the old connection: the client would not have sent it again.
  await client.unlock(lock.key);
  expect((await next).key.toString()).toBe(`live/lock/${waiting.id.toString(16)}`);
});

test('what is merely no longer listed is kept until it is lost; then it is dialled no more', async () => {
  await using proxy = await startTcpProxy(cluster.endpoints[0]!);
  const options = { endpoints: new LiveEndpoints([`http://${proxy.address}`]), loop: new WireLoop(), startAt: 0 };
  await using client = await WireClient.connect(options);
  options.endpoints.replace(cluster.endpoints, []);
  await client.put('live/kept', '1');
  expect(client.endpoint).toBe(`http://${proxy.address}`);
  proxy.cut();
  await vi.waitFor(() => expect(cluster.endpoints).toContain(client.connection?.target.endpoint), WAIT);
  proxy.heal();
  await client.put('live/kept', '2');
  expect(proxy.accepted).toBe(1);
});

test('a client that is closed follows no more', async () => {
  const [first, second] = cluster.endpoints as [string, string, string];
  const endpoints = new LiveEndpoints([first]);
  const client = await WireClient.connect({ endpoints });
  await client.close();
  endpoints.replace([second], [first]);
  expect(client.connection).toBeUndefined();
  expect(client.endpoint).toBe(first);
});
