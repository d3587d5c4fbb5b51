import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyRecord } from '../../contents/key-record.ts';
import { type LiveRequest, openLive } from './open-live.ts';

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

async function read(prefixes: readonly string[], request: Partial<LiveRequest> = {}) {
  await using contents = await openLive({
    access: { endpoints: etcd.endpoints },
    prefixes: prefixes.map((prefix) => Buffer.from(prefix)),
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...request,
  });
  const records: KeyRecord[] = [];
  for await (const batch of contents.batches()) records.push(...batch);
  return { origin: contents.origin, records, keys: records.map(({ key }) => key.toString()) };
}

test('all keys below the prefixes, each once, ascending, at one revision', async () => {
  for (const key of ['/a/1', '/a/2', '/b/1', '/b/2/x', '/c/1']) await client.put(key, `of ${key}`);
  await client.put('/a/2', 'again');
  const { revision } = (await client.range('/a/2')).header;
  const some = await read(['/b/', '/a/', '/b/2/', '/none/']);
  expect(some.keys).toEqual(['/a/1', '/a/2', '/b/1', '/b/2/x']);
  expect(some.origin).toMatchObject({ revision, prefixes: ['/a/', '/b/', '/none/'].map((text) => Buffer.from(text)) });
  expect(some.records[1]).toEqual({
    key: Buffer.from('/a/2'),
    value: Buffer.from('again'),
    valueSize: 5,
    createRevision: expect.any(Number),
    modRevision: revision,
    version: 2,
    lease: 0n,
    ttlSeconds: undefined,
  });
  const before = await read(['/a/'], { revision: revision - 1 });
  expect(before.records.map(({ value }) => value?.toString())).toEqual(['of /a/1', 'of /a/2']);
  expect((await read([], { sinceRevision: revision - 1 })).keys).toEqual(['/a/2']);
  expect((await read(['/a/'], { keysOnly: true })).records).toMatchObject([
    { value: undefined, valueSize: undefined },
    { value: undefined, valueSize: undefined },
  ]);
});
