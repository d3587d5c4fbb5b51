import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { StmOptions } from '../operations/stm-scenario.ts';
import { runsFolder, runWork } from '../testing/run-work.ts';
import { stmWork } from './stm-work.ts';

let cluster: TestCluster;
let client: WireClient;
let runs: Awaited<ReturnType<typeof runsFolder>>;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
  runs = await runsFolder();
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
  await runs[Symbol.asyncDispose]();
});

const options = (prefix: string, more: Partial<StmOptions>): StmOptions => ({
  keys: { prefix, digits: 8, size: 4 },
  distribution: { kind: 'uniform' },
  values: { kind: 'random' },
  valueBytes: 8,
  isolation: 'serializable',
  keysPerTxn: 2,
  writePercent: 50,
  lock: undefined,
  ...more,
});

test.each([
  { name: 'closed', isolation: 'serializable', threads: 1, pace: { kind: 'closed' }, lock: undefined },
  { name: 'threads', isolation: 'serializable-snapshot', threads: 2, pace: { kind: 'closed' }, lock: undefined },
  {
    name: 'open',
    isolation: 'repeatable-reads',
    threads: 1,
    pace: { kind: 'open', ratePerSec: 400 },
    lock: { kind: 'lock-client', name: 'open-lock' },
  },
  {
    name: 'rpc',
    isolation: 'read-committed',
    threads: 1,
    pace: { kind: 'closed' },
    lock: { kind: 'lock-rpc', name: 'rpc-lock' },
  },
] as const)('$name: each transaction writes once, whatever its attempts; nothing is held after it', async (more) => {
  const { name, threads, pace, lock, isolation } = more;
  const plan = { end: { kind: 'total', requests: 100 }, pace, threads } as const;
  const report = await runWork(cluster, runs.path, stmWork(options(`${name}/`, { lock, isolation })), { plan });
  expect(report.series).toMatchObject([{ name: 'stm', ok: 100, fail: 0, unknown: 0 }]);
  const { kvs } = await client.range(`${name}/`, { prefix: true });
  expect(kvs.reduce((all, { version }) => all + version, 0)).toBe(100);
  const { attempts, conflicts, keysWritten } = report.counters;
  expect(keysWritten).toBe(100);
  expect(attempts! - conflicts!).toBe(100);
  if (lock !== undefined) expect(conflicts).toBe(0);
  expect((await client.leases()).ids).toHaveLength(0);
  expect((await client.range(`${name}-lock/`, { prefix: true })).count).toBe(0);
});

test('Ctrl-C: who waits for the lock gives up, and none is left behind', async () => {
  const abort = new AbortController();
  const lock = { kind: 'lock-client', name: 'abort-lock' } as const;
  const plan = { end: { kind: 'duration', ms: 3_600_000 } } as const;
  const report = await runWork(cluster, runs.path, stmWork(options('abort/', { lock })), {
    plan,
    signal: abort.signal,
    onInterval: ({ series }) => series[0]!.ok > 0 && abort.abort(),
  });
  expect(report.ending).toEqual({ kind: 'interrupted' });
  expect(report.series[0]!.ok).toBeGreaterThan(0);
  expect((await client.leases()).ids).toHaveLength(0);
  expect((await client.range('abort-lock/', { prefix: true })).count).toBe(0);
});

test('the leader is killed in the middle: it goes on, and what etcd holds is what was counted', async () => {
  await using three = await startEtcd({ members: 3 });
  await using survivor = await WireClient.connect({ endpoints: three.endpoints });
  const written = async () => {
    const { kvs } = await survivor.range('kill/', { prefix: true });
    return kvs.reduce((all, { version }) => all + version, 0);
  };
  const atLeast = (count: number) =>
    vi.waitFor(async () => expect(await written()).toBeGreaterThanOrEqual(count), { timeout: 60_000, interval: 50 });
  const leader = await three.leader();
  const abort = new AbortController();
  const lock = { kind: 'lock-client', name: 'kill-lock' } as const;
  const running = runWork(three, runs.path, stmWork(options('kill/', { lock })), {
    plan: { end: { kind: 'duration', ms: 3_600_000 }, connections: 3, timeoutMs: 3000 },
    signal: abort.signal,
  });
  await atLeast(20);
  await leader.kill();
  // The first read can be answered by 'leader changed'.
  const atKill = await vi.waitFor(written, { timeout: 60_000, interval: 50 });
  await atLeast(atKill + 20);
  abort.abort();
  const report = await running;
  const [stm] = report.series;
  // Each transaction writes one key once.
  expect(await written()).toBeGreaterThanOrEqual(stm!.ok);
  expect(await written()).toBeLessThanOrEqual(stm!.ok + stm!.unknown);
});

test('clean-up deletes its keys', async () => {
  const report = await runWork(cluster, runs.path, stmWork(options('clean/', {})), { isCleanedUp: true });
  expect(report.counters.keysWritten).toBe(1000);
  expect((await client.range('clean/', { prefix: true })).count).toBe(0);
});
