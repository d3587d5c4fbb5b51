import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ChurnContext } from './measure-churn.ts';
import { type SummaryRequest, summarize } from './summarize.ts';

let etcd: TestCluster;
let client: WireClient;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-summary-'));
  etcd = await startEtcd();
  client = await WireClient.connect({ endpoints: etcd.endpoints });
  for (let index = 0; index < 200; index += 1) await client.put(`/small/${index}`, Buffer.alloc(100, 1));
  for (let index = 0; index < 100; index += 1) await client.put('/large/key', Buffer.alloc(100_000, index));
  const { id } = await client.leaseGrant(3600);
  await client.put('/leased/1', 'x', { lease: id });
  await client.put('/leased/2', 'x', { lease: id });
  await client.put(Buffer.from([0xff, 0x2f, 0x00]), '{"kind":"Widget","apiVersion":"example.com/v1","metadata":{}}');
  // What was written is in the file, and in what a member tells of it, a little later.
  await vi.waitFor(async () => expect((await client.status()).dbSizeInUse).toBeGreaterThan(9_000_000), {
    timeout: 60_000,
  });
});

afterAll(async () => {
  await client.close();
  await etcd.stop();
  await rm(folder, { recursive: true, force: true });
});

function request(more: Partial<SummaryRequest> = {}): SummaryRequest {
  return {
    source: { kind: 'cluster', access: { endpoints: etcd.endpoints }, target: { kind: 'all' } },
    prefixes: [],
    depth: 4,
    separator: '/',
    top: 2,
    by: 'bytes',
    leastShare: 0.01,
    keysOnly: false,
    timeoutMs: 30_000,
    ...more,
  };
}

function sum(more: Partial<SummaryRequest> = {}, context: Partial<ChurnContext> = {}) {
  return summarize(request(more), { signal: new AbortController().signal, onStep: () => undefined, ...context });
}

describe('a cluster', () => {
  test('by prefix, by type, with the keys that stand out and what of the database they are', async () => {
    const { report } = await sum();
    expect(report.totals).toMatchObject({
      keys: 204,
      versions: 303,
      leased: 2,
      largestValueBytes: 100_000,
      unsized: 0,
    });
    expect(report.leases).toEqual({ count: 1, isAtLeast: false });
    expect(report.tree.children).toMatchObject([
      { name: '/large/key', keys: 1, valueBytes: 100_000, versions: 100 },
      { name: '/small/', keys: 200, valueBytes: 20_000, others: { branches: 200 } },
    ]);
    expect(report.tree.others).toMatchObject({ branches: 2, keys: 3, leased: 2 });
    expect(report.kinds).toMatchObject([{ apiVersion: 'example.com/v1', kind: 'Widget', totals: { keys: 1 } }]);
    expect(report.largest).toMatchObject([{ key: '/large/key', valueSize: 100_000, version: 100 }, { valueSize: 100 }]);
    expect(report.mostVersions).toMatchObject([{ key: '/large/key' }]);
    // A hundred values were written over one another: nearly all of the database is history.
    const { fileBytes, inUseBytes, liveBytes, historyBytes } = report.database!;
    expect(inUseBytes).toBeGreaterThan(9_000_000);
    expect(fileBytes).toBeGreaterThanOrEqual(inUseBytes);
    expect(liveBytes).toBeLessThan(1_000_000);
    expect(historyBytes).toBe(inUseBytes - liveBytes);
    expect(report.notes).toEqual([]);
  });

  test('below prefixes, whose part of the history nobody knows', async () => {
    const { report } = await sum({ prefixes: [Buffer.from('/small/1')] });
    expect(report).toMatchObject({ prefixes: ['/small/1'], totals: { keys: 111 }, tree: { name: '/small/1' } });
    expect(report.database?.historyBytes).toBeUndefined();
    const nothing = await sum({ prefixes: [Buffer.from('/nothing/')] });
    expect(nothing.report).toMatchObject({ totals: { keys: 0, bytes: 0 }, largest: [], tree: { children: [] } });
  });

  test('without values, whose sizes then are unknown', async () => {
    const { report } = await sum({ keysOnly: true });
    expect(report).toMatchObject({
      totals: { keys: 204, valueBytes: 0, unsized: 204 },
      largest: [],
      database: undefined,
    });
    expect(report.notes).toEqual(['nothing is known of the size of 204 values: they count as empty']);
  });
});

test('a dump, and a part of it', async () => {
  const path = join(folder, 'dump.csv');
  await writeFile(path, 'key,value,version,lease\r\na:1,xxx,7,4d2\r\na:2,xx,1,\r\nb:1,x,1,\r\n');
  const all = await sum({ source: { kind: 'dump', path }, separator: ':' });
  expect(all.report).toMatchObject({ name: path, totals: { keys: 3, versions: 9, valueBytes: 6, leased: 1 } });
  expect(all.report.tree.children).toMatchObject([
    { name: 'a:', keys: 2 },
    { name: 'b:1', keys: 1, isKey: true },
  ]);
  const part = await sum({ source: { kind: 'dump', path }, separator: ':', prefixes: [Buffer.from('a:')] });
  expect(part.report).toMatchObject({
    totals: { keys: 2 },
    tree: { name: 'a:', children: [{ name: '1' }, { name: '2' }] },
  });
});

describe('churn', () => {
  test('ranks what is written meanwhile', async () => {
    const wait = async () => {
      for (let index = 0; index < 20; index += 1) await client.put('/churn/busy', String(index));
      await client.deleteRange('/leased/1');
      await client.put('/churn/new', '');
    };
    await client.put('/churn/busy', '');
    const { report } = await sum(
      { churnMs: 30_000, top: 3, prefixes: [Buffer.from('/churn/'), Buffer.from('/leased/')] },
      { wait },
    );
    expect(report.churn).toMatchObject({
      kind: 'measured',
      created: 1,
      changed: 1,
      deleted: 1,
      recreated: 0,
      writes: 22,
    });
    expect(report.churn).toMatchObject({
      keys: [
        { key: '/churn/busy', writes: 20, fate: 'changed' },
        { key: '/churn/new', writes: 1, fate: 'created' },
        { key: '/leased/1', writes: 1, fate: 'deleted' },
      ],
    });
  });

  test('that is interrupted keeps what was added up before', async () => {
    const interruption = new AbortController();
    const onStep = (text: string) => {
      if (text.startsWith('waiting')) interruption.abort();
    };
    const { report } = await sum({ churnMs: 3_600_000 }, { onStep, signal: interruption.signal });
    expect(report).toMatchObject({ churn: { kind: 'interrupted' }, totals: { versions: expect.any(Number) } });
    expect(report.totals.keys).toBeGreaterThan(200);
  });

  test('whose first moment is compacted away says so', async () => {
    const wait = async () => {
      const { header } = await client.put('/compacted', '');
      await client.compact(header.revision);
    };
    const { report } = await sum({ churnMs: 30_000 }, { wait });
    expect(report.churn).toMatchObject({ kind: 'failed', message: expect.stringMatching(/compacted/) });
  });
});
