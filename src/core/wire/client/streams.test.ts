import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEtcd, startTcpProxy, type TestCluster } from '../../testing/index.ts';
import type { StreamEnd } from '../http2/index.ts';
import { LeaseKeepAliveStream } from './lease-keepalive-stream.ts';
import { WatchStream, type WatchStreamHandler } from './watch-stream.ts';
import { WireClient } from './wire-client.ts';

const WAIT = { timeout: 30_000, interval: 10 };
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startEtcd();
});
afterAll(() => cluster.stop());

/** Writes down what a watch stream tells. */
function recorder() {
  const log: string[] = [];
  const events: string[] = [];
  const ends: StreamEnd[] = [];
  const handler: WatchStreamHandler = {
    onCreated: (watchId) => void log.push(`created ${watchId}`),
    onRefused: (reason) => void log.push(`refused ${reason}`),
    onEvent: (watchId, type, bytes, keyStart, keyEnd, valueStart, valueEnd) => {
      const value = bytes.toString('latin1', valueStart, Math.min(valueEnd, valueStart + 20));
      events.push(`${watchId} ${type} ${bytes.toString('latin1', keyStart, keyEnd)}=${value}`);
    },
    onCanceled: (watchId, reason, compactRevision) => void log.push(`canceled ${watchId} ${reason} ${compactRevision}`),
    onEnd: (end) => void ends.push(end),
  };
  return { log, events, ends, handler };
}

test('watches on one stream: puts, deletes, cancellation, ids of our own', async () => {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const { log, events, ends, handler } = recorder();
  const stream = new WatchStream(client.connection!, handler);
  stream.create({ key: 'hot/a' });
  stream.create({ key: 'hot/', prefix: true }, 77);
  await vi.waitFor(() => expect(log).toEqual(['created 0', 'created 77']), WAIT);
  await client.put('hot/a', '1');
  await client.deleteRange('hot/a');
  await client.put('hot/b', '2');
  await vi.waitFor(() => expect(events).toHaveLength(5), WAIT);
  expect(events.filter((event) => event.startsWith('0 '))).toEqual(['0 put hot/a=1', '0 delete hot/a=']);
  expect(events.filter((event) => event.startsWith('77 '))).toEqual([
    '77 put hot/a=1',
    '77 delete hot/a=',
    '77 put hot/b=2',
  ]);
  stream.cancel(0);
  await vi.waitFor(() => expect(log.at(-1)).toMatch(/^canceled 0/), WAIT);
  stream.create({ key: 'hot/a' }, 77);
  await vi.waitFor(() => expect(log.at(-1)).toMatch(/^refused .*duplicate/), WAIT);
  stream.close();
  await client.put('hot/b', '3');
  expect([events.length, ends]).toEqual([5, []]);
});

test('ten thousand watches created at once, though the windows hold two thousand', async () => {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const { log, events, handler } = recorder();
  const stream = new WatchStream(client.connection!, handler);
  for (let index = 0; index < 10_000; index += 1) stream.create({ key: `many/${index}` });
  await vi.waitFor(() => expect(log).toHaveLength(10_000), WAIT);
  expect(log).toEqual(Array.from({ length: 10_000 }, (_, index) => `created ${index}`));
  for (const index of [0, 4567, 9999]) await client.put(`many/${index}`, 'x');
  await vi.waitFor(
    () => expect(events).toEqual(['0 put many/0=x', '4567 put many/4567=x', '9999 put many/9999=x']),
    WAIT,
  );
});

test('a response in fragments, and a revision that is gone', async () => {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const { log, events, handler } = recorder();
  const first = await client.put('big/0', 'x'.repeat(900_000));
  for (let index = 1; index < 4; index += 1) await client.put(`big/${index}`, 'x'.repeat(900_000));
  const stream = new WatchStream(client.connection!, handler);
  stream.create({ key: 'big/', prefix: true, startRevision: first.header.revision });
  const some = 'x'.repeat(20);
  await vi.waitFor(() => expect(events).toEqual([0, 1, 2, 3].map((index) => `0 put big/${index}=${some}`)), WAIT);
  await client.compact(first.header.revision + 2);
  stream.create({ key: 'big/', prefix: true, startRevision: first.header.revision });
  await vi.waitFor(
    () => expect(log).toEqual(['created 0', 'created 1', `canceled 1  ${first.header.revision + 2}`]),
    WAIT,
  );
});

test('the connection breaks: both streams are told', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  await using client = await WireClient.connect({ endpoints: [`http://${proxy.address}`] });
  const { log, ends, handler } = recorder();
  const watches = new WatchStream(client.connection!, handler);
  watches.create({ key: 'x' });
  const leases = new LeaseKeepAliveStream(client.connection!, {
    onKeepAlive: (_id, ttlSeconds) => void log.push(`ttl ${ttlSeconds}`),
    onEnd: (end) => void ends.push(end),
  });
  leases.send(1);
  await vi.waitFor(() => expect(log.toSorted()).toEqual(['created 0', 'ttl 0']), WAIT);
  proxy.cut();
  await vi.waitFor(() => expect(ends).toMatchObject([{ kind: 'lost' }, { kind: 'lost' }]), WAIT);
  leases.send(1);
  watches.create({ key: 'y' });
  expect(ends).toHaveLength(2);
});

test('leases kept alive by the thousand: answered in order, one that is gone with 0', async () => {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const ids = [1, 127, 128, 5_000_000_000, Number.MAX_SAFE_INTEGER];
  for (const id of ids) await client.leaseGrant(100, BigInt(id));
  const answers: [number, number][] = [];
  const stream = new LeaseKeepAliveStream(client.connection!, {
    onKeepAlive: (id, ttlSeconds) => void answers.push([id, ttlSeconds]),
    onEnd: (end) => expect.fail(end.message),
  });
  const asked: [number, number][] = [];
  for (let round = 0; round < 2000; round += 1) {
    for (const id of ids) asked.push([id, 100]);
    asked.push([999, 0]);
  }
  for (const [id] of asked) stream.send(id);
  await vi.waitFor(() => expect(answers).toHaveLength(asked.length), WAIT);
  expect(answers).toEqual(asked);
  expect(() => stream.send(2 ** 53)).toThrow(RangeError);
  stream.close();
});
