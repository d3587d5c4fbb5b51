import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import makeStm, { type StmOptions } from './stm-scenario.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startEtcd();
});
afterAll(() => cluster.stop());

const options = (more: Partial<StmOptions>): StmOptions => ({
  keys: { prefix: 'stm/', digits: 4, size: 5 },
  distribution: { kind: 'uniform' },
  values: { kind: 'random' },
  valueBytes: 16,
  isolation: 'repeatable-reads',
  keysPerTxn: 3,
  writePercent: 50,
  lock: undefined,
  ...more,
});

test.each([
  { isolation: 'serializable', lock: undefined },
  { isolation: 'read-committed', lock: { kind: 'lock-client', name: 'stm-lock' } },
  { isolation: 'serializable-snapshot', lock: { kind: 'lock-rpc', name: 'stm-lock' } },
] as const)('what it counts is what etcd holds: $isolation, $lock.kind', async (more) => {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  await client.deleteRange('stm/', { prefix: true });
  const scenario = await makeStm(options(more), { index: 0, count: 1, seed: 7 });
  const { signal } = new AbortController();
  let sequence = 0;
  const callers = Array.from({ length: 4 }, async (_, caller) => {
    while (sequence < 40) {
      sequence += 1;
      expect(await scenario.step(client, { client: caller, sequence, startedAt: performance.now(), signal })).toBe(0);
    }
  });
  await Promise.all(callers);
  await scenario.close?.();
  const counts = scenario.counters?.() ?? {};
  const { kvs } = await client.range('stm/', { prefix: true });
  // Half of three keys, over 40 transactions.
  expect(counts.keysWritten).toBe(60);
  expect(kvs.reduce((all, kv) => all + kv.version, 0)).toBe(60);
  expect(kvs.every((kv) => kv.value.length === 16)).toBe(true);
  expect(counts.attempts! - counts.conflicts!).toBe(40);
  expect(counts.keysRead).toBe(counts.attempts! * 3);
  if (more.lock !== undefined) expect(counts.conflicts).toBe(0);
  expect(await client.range('stm-lock/', { prefix: true })).toMatchObject({ count: 0 });
  expect((await client.leases()).ids).toHaveLength(0);
});

test('as many different keys as there are', async () => {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  await client.deleteRange('stm/', { prefix: true });
  const all = options({ keysPerTxn: 5, writePercent: 100, distribution: { kind: 'zipfian', exponent: 0.99 } });
  const scenario = await makeStm(all, { index: 0, count: 1, seed: 1 });
  await scenario.step(client, { client: 0, sequence: 0, startedAt: 0, signal: new AbortController().signal });
  expect(await client.range('stm/', { prefix: true })).toMatchObject({ count: 5 });
});

test('a session whose lease is gone is replaced', async () => {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const { signal } = new AbortController();
  const step = { client: 0, sequence: 0, startedAt: 0, signal };
  for (const kind of ['lock-client', 'lock-rpc'] as const) {
    const scenario = await makeStm(options({ lock: { kind, name: 'gone' } }), { index: 0, count: 1, seed: 1 });
    await scenario.step(client, step);
    const [lease] = (await client.leases()).ids;
    await client.leaseRevoke(lease!);
    await expect(scenario.step(client, step)).rejects.toMatchObject({ reason: 'lease-not-found' });
    await scenario.step(client, step);
    await scenario.close?.();
    expect((await client.leases()).ids).toHaveLength(0);
  }
});
