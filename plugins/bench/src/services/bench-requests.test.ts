import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { KeyValueOptions } from '../operations/key-value-options.ts';
import { runsFolder, runWork } from '../testing/run-work.ts';
import { mvccGetWork } from './mvcc-get-work.ts';
import { putWork } from './put-work.ts';
import { rangePagesWork, rangeStreamWork, rangeWork } from './range-work.ts';
import { txnMixedWork } from './txn-mixed-work.ts';
import { txnPutWork } from './txn-put-work.ts';

let cluster: TestCluster;
let client: WireClient;
let runs: Awaited<ReturnType<typeof runsFolder>>;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints, requestTimeoutMs: 60_000 });
  runs = await runsFolder();
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
  await runs[Symbol.asyncDispose]();
});

const PLAIN = { compaction: undefined, isHashChecked: false, requests: undefined };
const WHOLE = { limit: 0, isSerializable: false, isKeysOnly: false, isCountOnly: false };

function keyValues(prefix: string, options: Partial<KeyValueOptions> & { size?: number } = {}): KeyValueOptions {
  const { size = 1000, ...rest } = options;
  const keys = { prefix, digits: 6, size };
  return { keys, distribution: { kind: 'sequential' }, values: { kind: 'random' }, valueBytes: 16, ...rest };
}

async function stored(prefix: string) {
  return (await client.range(prefix, { prefix: true })).kvs;
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => prefix + String(number).padStart(6, '0'));
}

test('put: sequential keys are in etcd, all and no others, each with a value of its own', async () => {
  const report = await runWork(cluster, runs.path, putWork({ ...keyValues('put/'), ...PLAIN }));
  expect(report.series).toMatchObject([{ name: 'put', ok: 1000, fail: 0, unknown: 0 }]);
  const kvs = await stored('put/');
  expect(kvs.map(({ key }) => key.toString())).toEqual(numbered('put/', 1000));
  expect(kvs.every(({ value, version }) => value.length === 16 && version === 1)).toBe(true);
  expect(new Set(kvs.map(({ value }) => value.toString('hex'))).size).toBe(1000);
  expect(JSON.parse(await readFile(join(report.runFolder, 'result.json'), 'utf8'))).toMatchObject({ sent: 1000 });
});

test.each([0, 1, 127, 128, 20_000, 1_500_000])('put: values of %i bytes arrive whole', async (valueBytes) => {
  const options = keyValues(`size-${valueBytes}/`, { valueBytes, values: { kind: 'text' }, size: 5 });
  const plan = { end: { kind: 'total', requests: 5 } } as const;
  const report = await runWork(cluster, runs.path, putWork({ ...options, ...PLAIN }), { plan });
  expect(report.series).toMatchObject([{ ok: 5, fail: 0, unknown: 0 }]);
  const kvs = await stored(`size-${valueBytes}/`);
  expect(kvs.map(({ key }) => key.toString())).toEqual(numbered(`size-${valueBytes}/`, 5));
  expect(kvs.map(({ value }) => value.length)).toEqual(Array(5).fill(valueBytes));
  if (valueBytes > 1) expect(new Set(kvs.map(({ value }) => value.toString('latin1'))).size).toBe(5);
  if (valueBytes > 20_000) expect(kvs[4]?.value.subarray(-1000).every((byte) => byte >= 10)).toBe(true);
});

test('put: one value for all, keys of one digit', async () => {
  const keys = { prefix: 'same/', digits: 1, size: 10 };
  const options = { ...keyValues('same/', { values: { kind: 'repeat' } }), keys, ...PLAIN };
  await runWork(cluster, runs.path, putWork(options), { plan: { threads: 2 } });
  const kvs = await stored('same/');
  expect(kvs.map(({ key }) => key.toString())).toEqual(Array.from({ length: 10 }, (_, number) => `same/${number}`));
  expect(new Set(kvs.map(({ value }) => value.toString('hex'))).size).toBe(1);
  expect(kvs.reduce((sum, { version }) => sum + version, 0)).toBe(1000);
});

test('put: the same seed chooses the same keys', async () => {
  const versions = async (prefix: string, seed: number) => {
    const options = keyValues(prefix, { distribution: { kind: 'zipfian', exponent: 0.99 } });
    await runWork(cluster, runs.path, putWork({ ...options, ...PLAIN }), { plan: { seed } });
    return (await stored(prefix)).map(({ key, version }) => [key.toString().slice(prefix.length), version]);
  };
  const first = await versions('seed-a/', 7);
  expect(await versions('seed-b/', 7)).toEqual(first);
  expect(await versions('seed-c/', 8)).not.toEqual(first);
});

test('put: compacts meanwhile, compares hashes at the end', async () => {
  const compaction = { intervalMs: 20, keptRevisions: 100 };
  const options = { ...keyValues('compact/'), compaction, isHashChecked: true, requests: 3000 };
  const plan = { end: { kind: 'total', requests: 3000 } } as const;
  const report = await runWork(cluster, runs.path, putWork(options), { plan });
  expect(report.compactions).toMatchObject({ failed: 0 });
  expect(report.compactions?.done).toBeGreaterThan(0);
  await expect(client.range('compact/', { revision: (report.compactions?.revision ?? 0) - 1 })).rejects.toMatchObject({
    reason: 'compacted',
  });
  expect(report.hashes).toMatchObject({ verdict: 'equal', members: [{ endpoint: cluster.endpoints[0] }] });
  const result = JSON.parse(await readFile(join(report.runFolder, 'result.json'), 'utf8'));
  expect(result).toMatchObject({ compactions: report.compactions, hashes: report.hashes });
});

test('clean-up deletes what the run made, and nothing else', async () => {
  // One was there before; the others have another form, though they lie among the run's keys.
  const others = ['clean/000005', 'clean/0000051', 'clean/00000x', 'clean/00001', 'clean/000999\0', 'clean/001000'];
  for (const key of others) await client.put(key, 'mine');
  const work = putWork({ ...keyValues('clean/'), ...PLAIN });
  const report = await runWork(cluster, runs.path, work, { isCleanedUp: true });
  expect(report.series).toMatchObject([{ ok: 1000 }]);
  expect((await stored('clean/')).map(({ key }) => key.toString())).toEqual(others.toSorted());
});

test('clean-up also after Ctrl-C, whose run has a report', async () => {
  const control = new AbortController();
  const report = await runWork(cluster, runs.path, putWork({ ...keyValues('stop/', { size: 100_000 }), ...PLAIN }), {
    plan: { end: { kind: 'duration', ms: 60_000 } },
    isCleanedUp: true,
    signal: control.signal,
    onInterval: () => control.abort(),
  });
  expect(report.ending).toEqual({ kind: 'interrupted' });
  expect(report.series[0]?.ok).toBeGreaterThan(0);
  expect(await stored('stop/')).toEqual([]);
});

test('range: single keys are found; keys and bytes are counted', async () => {
  await runWork(cluster, runs.path, putWork({ ...keyValues('range/', { size: 100 }), ...PLAIN }));
  const { keys, distribution } = keyValues('range/', { size: 100, distribution: { kind: 'uniform' } });
  const report = await runWork(
    cluster,
    runs.path,
    rangeWork({ ...WHOLE, subject: { kind: 'keys', keys, distribution } }),
  );
  expect(report.series).toMatchObject([{ name: 'range', ok: 1000, fail: 0, unknown: 0 }]);
  expect(report.counters).toMatchObject({ keysReturned: 1000, keysCounted: 1000, emptyReads: 0 });
  expect(report.counters.bytesReturned).toBeGreaterThan(1000 * (12 + 16));
  expect(report.told).toEqual([]);
});

test('range: limits, counts, keys alone, from one member', async () => {
  const plan = { end: { kind: 'total', requests: 10 } } as const;
  const read = (options: object, range: { key: string; rangeEnd?: string; prefix?: boolean }) =>
    runWork(cluster, runs.path, rangeWork({ ...WHOLE, ...options, subject: { kind: 'fixed', range } }), { plan });
  const whole = await read({ isSerializable: true }, { key: 'range/', prefix: true });
  expect(whole.counters).toMatchObject({ keysReturned: 1000, keysCounted: 1000 });
  const keysOnly = await read({ isKeysOnly: true }, { key: 'range/', prefix: true });
  expect(keysOnly.counters).toMatchObject({ keysReturned: 1000 });
  expect(whole.counters.bytesReturned! - keysOnly.counters.bytesReturned!).toBeGreaterThanOrEqual(1000 * 16);
  expect((await read({ isCountOnly: true }, { key: 'range/', prefix: true })).counters).toMatchObject({
    keysReturned: 0,
    keysCounted: 1000,
    emptyReads: 0,
  });
  const part = { key: 'range/000010', rangeEnd: 'range/000030' };
  expect((await read({ limit: 7 }, part)).counters).toMatchObject({ keysReturned: 70, keysCounted: 200 });
  expect((await read({}, { key: 'range/000003' })).counters).toMatchObject({ keysReturned: 10 });
});

test('range: what is not there is told before, and counted', async () => {
  const { keys, distribution } = keyValues('range/', { size: 200, distribution: { kind: 'sequential' } });
  const half = await runWork(
    cluster,
    runs.path,
    rangeWork({ ...WHOLE, subject: { kind: 'keys', keys, distribution } }),
  );
  expect(half.counters).toMatchObject({ keysReturned: 500, emptyReads: 500 });
  expect(half.told).toMatchObject([{ kind: 'empty', message: expect.stringContaining('only 100') }]);
  const none = rangeWork({ ...WHOLE, subject: { kind: 'fixed', range: { key: 'nowhere/', prefix: true } } });
  const report = await runWork(cluster, runs.path, none);
  expect(report.series).toMatchObject([{ ok: 1000 }]);
  expect(report.counters).toMatchObject({ keysReturned: 0, emptyReads: 1000 });
  expect(report.findings).toMatchObject([{ kind: 'empty' }]);
});

test('range: responses of 8 MB, in one piece and in pages', async () => {
  const options = keyValues('large/', { size: 80, valueBytes: 100_000 });
  const total = (requests: number) => ({ end: { kind: 'total', requests } }) as const;
  await runWork(cluster, runs.path, putWork({ ...options, ...PLAIN }), { plan: total(80) });
  const range = { key: 'large/', prefix: true };
  const whole = rangeWork({ ...WHOLE, subject: { kind: 'fixed', range } });
  const report = await runWork(cluster, runs.path, whole, { plan: { ...total(12), clients: 6 } });
  expect(report.series).toMatchObject([{ ok: 12, fail: 0 }]);
  expect(report.counters).toMatchObject({ keysReturned: 12 * 80 });
  expect(report.counters.bytesReturned).toBeGreaterThan(12 * 8_000_000);
  const pages = rangePagesWork({ range, pageKeys: 30, isSerializable: false, isKeysOnly: false });
  expect((await runWork(cluster, runs.path, pages, { plan: total(4) })).counters).toMatchObject({
    pages: 12,
    keysReturned: 320,
    keyAndValueBytes: 320 * (100_000 + 'large/000000'.length),
  });
});

test('range: an etcd without RangeStream is told as one', async () => {
  const stream = rangeStreamWork({
    range: { key: 'large/', prefix: true },
    limit: 0,
    isSerializable: false,
    isKeysOnly: false,
    timeoutMs: 5000,
  });
  await expect(runWork(cluster, runs.path, stream)).rejects.toThrow(/^etcd 3\.6\.\d+ has no RangeStream/);
});

test('txn-put: every transaction writes as many different keys as it has operations', async () => {
  for (const kind of ['sequential', 'uniform'] as const) {
    const options = keyValues(`txn-${kind}/`, { distribution: { kind }, size: 12 });
    const before = (await client.range('x', { countOnly: true })).header.revision;
    const report = await runWork(cluster, runs.path, txnPutWork({ ...options, operations: 10 }, 1000));
    expect(report.series).toMatchObject([{ name: 'txn', ok: 1000, fail: 0 }]);
    expect((await client.range('x', { countOnly: true })).header.revision).toBe(before + 1000);
    const kvs = await stored(`txn-${kind}/`);
    expect(kvs.map(({ key }) => key.toString())).toEqual(numbered(`txn-${kind}/`, 12));
    expect(kvs.reduce((sum, { version }) => sum + version, 0)).toBe(10_000);
    expect(new Set(kvs.map(({ value }) => value.toString('hex'))).size).toBe(12);
  }
});

test('txn-put: more operations than etcd takes is its refusal, told', async () => {
  const work = txnPutWork({ ...keyValues('many/'), operations: 129 }, 10);
  const report = await runWork(cluster, runs.path, work, { plan: { end: { kind: 'total', requests: 10 } } });
  expect(report.series).toMatchObject([{ ok: 0, fail: 10, unknown: 0 }]);
  expect(report.errors).toMatchObject([{ message: expect.stringContaining('too many operations'), count: 10 }]);
});

test('txn-mixed: reads and writes in the ratio asked for, each with figures of its own', async () => {
  const writes = keyValues('mixed/', { distribution: { kind: 'uniform' }, size: 50 });
  await runWork(cluster, runs.path, putWork({ ...keyValues('mixed/', { size: 50 }), ...PLAIN }));
  const before = (await client.range('x', { countOnly: true })).header.revision;
  const { keys, distribution } = writes;
  const mixed = { limit: 0, isSerializable: false, writes, readsPerWrite: 3 };
  const report = await runWork(
    cluster,
    runs.path,
    txnMixedWork({ ...mixed, subject: { kind: 'keys', keys, distribution } }),
  );
  const [read, write] = report.series as [(typeof report.series)[0], (typeof report.series)[0]];
  expect([read.name, write.name]).toEqual(['read', 'write']);
  expect(read.ok + write.ok).toBe(1000);
  expect(Math.abs(read.ok - 750)).toBeLessThan(70);
  expect(report.counters).toMatchObject({ keysReturned: read.ok, emptyReads: 0 });
  expect((await client.range('x', { countOnly: true })).header.revision).toBe(before + write.ok);

  const subject = { kind: 'fixed', range: { key: 'mixed/000010', rangeEnd: 'mixed/000030' } } as const;
  const ranged = await runWork(cluster, runs.path, txnMixedWork({ ...mixed, subject, limit: 5, readsPerWrite: 1 }));
  expect(ranged.counters).toMatchObject({
    keysReturned: 5 * ranged.series[0]!.ok,
    keysCounted: 20 * ranged.series[0]!.ok,
  });
});

test('mvcc-get: fills histories, reads every revision of them', async () => {
  const { keys, distribution } = keyValues('history/', { distribution: { kind: 'uniform' }, size: 130 });
  const options = {
    keys: { keys, distribution },
    isSerializable: false,
    fill: { versions: 20, values: { kind: 'random' }, valueBytes: 32 },
    fromRevision: undefined,
    toRevision: undefined,
  } as const;
  const report = await runWork(cluster, runs.path, mvccGetWork(options));
  expect(report.series).toMatchObject([{ name: 'get', ok: 1000, fail: 0 }]);
  expect(report.counters).toMatchObject({ keysReturned: 1000, emptyReads: 0 });
  const kvs = await stored('history/');
  expect(kvs).toHaveLength(130);
  expect(kvs.every(({ version }) => version === 20)).toBe(true);
  // Two transactions a version: the second key's history begins one revision later.
  expect(report.revisions!.to - report.revisions!.from).toBe(38);
  const oldest = await client.range('history/', { prefix: true, revision: report.revisions!.from });
  expect(oldest.kvs.every(({ version }) => version === 1)).toBe(true);
});

test('mvcc-get: Ctrl-C while it fills leaves nothing with clean-up', async () => {
  const { keys, distribution } = keyValues('unfilled/', { distribution: { kind: 'uniform' }, size: 200 });
  const fill = { versions: 100_000, values: { kind: 'random' }, valueBytes: 8 } as const;
  const get = { isSerializable: false, fromRevision: undefined, toRevision: undefined };
  const control = new AbortController();
  const run = runWork(cluster, runs.path, mvccGetWork({ ...get, keys: { keys, distribution }, fill }), {
    isCleanedUp: true,
    signal: control.signal,
  });
  await vi.waitFor(async () => expect(await stored('unfilled/')).toHaveLength(200), { timeout: 30_000, interval: 20 });
  control.abort(new Error('Ctrl-C'));
  await expect(run).rejects.toThrow('Ctrl-C');
  expect(await stored('unfilled/')).toEqual([]);
});

test('mvcc-get: what is compacted away is told, before and during', async () => {
  const { keys, distribution } = keyValues('history/', { distribution: { kind: 'uniform' }, size: 130 });
  const get = { keys: { keys, distribution }, isSerializable: true, fill: undefined, toRevision: undefined };
  const newest = (await client.range('x', { countOnly: true })).header.revision;
  await client.compact(newest - 20);
  const found = await runWork(cluster, runs.path, mvccGetWork({ ...get, fromRevision: undefined }));
  expect(found.revisions).toEqual({ from: newest - 20, to: newest });
  expect(found.series).toMatchObject([{ ok: 1000, fail: 0 }]);
  await expect(runWork(cluster, runs.path, mvccGetWork({ ...get, fromRevision: newest - 21 }))).rejects.toThrow(
    `revision ${newest - 21} is compacted away: etcd has ${newest - 20} and later`,
  );
  await expect(
    runWork(cluster, runs.path, mvccGetWork({ ...get, fromRevision: undefined, toRevision: newest + 1 })),
  ).rejects.toThrow('still to come');

  let compacting: Promise<unknown> | undefined;
  const report = await runWork(cluster, runs.path, mvccGetWork({ ...get, fromRevision: undefined }), {
    plan: { end: { kind: 'duration', ms: 800 } },
    onInterval: () => {
      compacting ??= client.compact(newest - 5);
    },
  });
  await compacting;
  expect(report.series[0]?.fail).toBeGreaterThan(0);
  expect(report.errors).toMatchObject([{ message: expect.stringContaining('has been compacted'), outcome: 'fail' }]);
  expect(report.findings.at(-1)?.message).toContain(`compacted to revision ${newest - 5} during the run`);
});
