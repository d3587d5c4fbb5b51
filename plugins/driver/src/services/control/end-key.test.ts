import { startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { awaitEndKey } from './end-key.ts';

const KEY = '/prefix/testEnd';
const LONG = { timeout: 30_000, interval: 20 };

let etcd: TestCluster;
let client: WireClient;
beforeAll(async () => {
  etcd = await startEtcd();
  client = await WireClient.connect({ endpoints: etcd.endpoints });
});
afterAll(async () => {
  await client.close();
  await etcd.stop();
});

interface Look {
  readonly watching: WireClient;
  readonly reading: WireClient;
  readonly everyMs: number;
}

/** Looks for the end key from now on. */
async function look({ watching, reading, everyMs }: Look) {
  await client.deleteRange(KEY);
  const { header } = await client.range(KEY);
  const over = new AbortController();
  const onEnd = vi.fn();
  const looking = awaitEndKey({
    watching,
    reading,
    key: KEY,
    revision: header.revision,
    onEnd,
    signal: over.signal,
    everyMs,
  });
  return {
    onEnd,
    looking,
    async [Symbol.asyncDispose]() {
      over.abort();
      await looking;
    },
  };
}

test('the watch tells at once', async () => {
  await using run = await look({ watching: client, reading: client, everyMs: 3_600_000 });
  await client.put(KEY, 'true');
  await run.looking;
  expect(run.onEnd).toHaveBeenCalledOnce();
});

test('a key written between the first look and the watch is not missed', async () => {
  await using proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  await using watching = await WireClient.connect({ endpoints: [`http://${proxy.address}`] });
  // The watch can't be created now.
  proxy.cut();
  await using run = await look({ watching, reading: client, everyMs: 3_600_000 });
  await client.put(KEY, 'true');
  await client.put(KEY, 'later');
  proxy.heal();
  await run.looking;
  expect(run.onEnd).toHaveBeenCalledOnce();
});

test('with a watch that is broken, a read tells', async () => {
  await using proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  await using watching = await WireClient.connect({ endpoints: [`http://${proxy.address}`] });
  await using run = await look({ watching, reading: client, everyMs: 100 });
  // Connections stay open, and nothing comes through: no watch ever ends by that.
  proxy.blackhole();
  await client.put(KEY, 'true');
  await run.looking;
  expect(run.onEnd).toHaveBeenCalledOnce();
});

test('with reads that fail, the watch tells, and reads go on where they can', async () => {
  await using proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  await using reading = await WireClient.connect({ endpoints: [`http://${proxy.address}`], requestTimeoutMs: 200 });
  await using watched = await look({ watching: client, reading, everyMs: 50 });
  proxy.blackhole();
  await client.put(KEY, 'true');
  await watched.looking;
  expect(watched.onEnd).toHaveBeenCalledOnce();

  await using deaf = await startTcpProxy(etcd.members[0]!.clientPort);
  await using watching = await WireClient.connect({ endpoints: [`http://${deaf.address}`] });
  await using read = await look({ watching, reading, everyMs: 50 });
  deaf.blackhole();
  await client.put(KEY, 'true');
  proxy.heal();
  await read.looking;
  expect(read.onEnd).toHaveBeenCalledOnce();
});

test('where a member hangs, the next one is asked', async () => {
  await using proxy = await startTcpProxy(etcd.members[0]!.clientPort);
  const endpoints = [`http://${proxy.address}`, ...etcd.endpoints];
  await using watching = await WireClient.connect({ endpoints, startAt: 0 });
  await using reading = await WireClient.connect({ endpoints, startAt: 0, requestTimeoutMs: 200 });
  await using run = await look({ watching, reading, everyMs: 50 });
  expect([watching.endpoint, reading.endpoint]).toEqual([endpoints[0], endpoints[0]]);
  proxy.blackhole();
  await client.put(KEY, 'true');
  await run.looking;
  expect(run.onEnd).toHaveBeenCalledOnce();
  expect(reading.endpoint).toBe(endpoints[1]);
});

test.each(['false', '', 'truely', '1'])('%j is no end', async (value) => {
  await using run = await look({ watching: client, reading: client, everyMs: 20 });
  const read = vi.spyOn(client, 'range');
  await client.put(KEY, value);
  await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(2), LONG);
  read.mockRestore();
  expect(run.onEnd).not.toHaveBeenCalled();
  await client.put(KEY, ' True\n');
  await run.looking;
  expect(run.onEnd).toHaveBeenCalledOnce();
});
