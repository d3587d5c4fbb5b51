import type { InputError } from '@etcdperf/core/errors';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { openPatternSpace, type PatternSpace, parsePattern } from '@etcdperf/core/workload';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PatternFlagValues, patternKeysFrom } from '../flags/pattern-flags.ts';
import type { PatternKeyOptions } from '../operations/pattern-keys.ts';
import { runsFolder, runWork } from '../testing/run-work.ts';
import { putWork } from './put-work.ts';
import { rangeWork } from './range-work.ts';
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
/** Keys and values of all lengths, from one byte of their length to several. */
const VARIED = '%n-%d[1000]/[a-z]{1,150};[0-9]{0,300}';

function options(text: string): PatternKeyOptions {
  return { pattern: { text, rules: {}, ip: '10.1.1.1', seed: 3 }, distribution: { kind: 'sequential' } };
}

const spaceOf = (text: string) => openPatternSpace(parsePattern(text), { ip: '10.1.1.1', seed: 3 });

function keysOf(space: PatternSpace): string[] {
  const bytes = Buffer.alloc(space.maxKeyBytes);
  return Array.from({ length: space.size }, (_, key) => bytes.toString('latin1', 0, space.writeKey(bytes, 0, key)));
}

async function stored(prefix: string) {
  return (await client.range(prefix, { prefix: true })).kvs;
}

/** That all keys of the space are in etcd and no others, with values of the writes that they were. */
async function expectWritten(prefix: string, space: PatternSpace, writeOf: (key: number) => number) {
  const kvs = await stored(prefix);
  expect(kvs.map(({ key }) => key.toString()).sort()).toEqual(keysOf(space).sort());
  const value = Buffer.alloc(space.values.maxBytes);
  for (const kv of kvs) {
    const key = space.keyAt(kv.key, 0, kv.key.length);
    const end = space.values.write(value, 0, key, writeOf(key));
    expect(kv.value.toString()).toBe(value.toString('latin1', 0, end));
  }
}

test('put: all keys of the pattern, each with its value, whatever their lengths', async () => {
  const text = `/put/:ip/${VARIED}`;
  const report = await runWork(cluster, runs.path, putWork({ ...options(text), ...PLAIN }));
  expect(report.series).toMatchObject([{ name: 'put', ok: 1000, fail: 0, unknown: 0 }]);
  await expectWritten('/put/', spaceOf(text), (key) => key);
});

test('put: threads share the keys, and their writes are numbered apart', async () => {
  const text = '/threads/%n-%d[600];%%d[1000000]';
  await runWork(cluster, runs.path, putWork({ ...options(text), ...PLAIN }), {
    plan: { threads: 2, end: { kind: 'total', requests: 600 } },
  });
  const kvs = await stored('/threads/');
  expect(kvs.length).toBe(600);
  expect(new Set(kvs.map(({ value }) => value.toString())).size).toBe(600);
});

test('txn-put: transactions of different keys, several of different lengths in each', async () => {
  const text = `/txn/${VARIED}`;
  const work = txnPutWork({ ...options(text), operations: 10 }, 100);
  const report = await runWork(cluster, runs.path, work, { plan: { end: { kind: 'total', requests: 100 } } });
  expect(report.series).toMatchObject([{ name: 'txn', ok: 100, fail: 0, unknown: 0 }]);
  await expectWritten('/txn/', spaceOf(text), (key) => key);

  const crowded = txnPutWork(
    { ...options('/crowd/%n-%d[10];x'), distribution: { kind: 'uniform' }, operations: 10 },
    50,
  );
  const all = await runWork(cluster, runs.path, crowded, { plan: { end: { kind: 'total', requests: 50 } } });
  expect(all.series).toMatchObject([{ name: 'txn', ok: 50, fail: 0, unknown: 0 }]);
});

test('range: every key of the pattern is found; keys that are not there are told', async () => {
  const text = `/range/:ip/${VARIED}`;
  const read = rangeWork({ ...WHOLE, subject: { kind: 'pattern', ...options(text) } });
  const nothing = await runWork(cluster, runs.path, read);
  expect(nothing.told).toMatchObject([
    { kind: 'empty', message: "there are no keys of the pattern below '/range/10.1.1.1': reads will find nothing" },
  ]);
  await runWork(cluster, runs.path, putWork({ ...options(text), ...PLAIN }));
  for (const how of [WHOLE, { ...WHOLE, limit: 1, isSerializable: true, isKeysOnly: true }]) {
    const report = await runWork(
      cluster,
      runs.path,
      rangeWork({ ...how, subject: { kind: 'pattern', ...options(text) } }),
    );
    expect(report.told).toEqual([]);
    expect(report.counters).toMatchObject({ keysReturned: 1000, emptyReads: 0 });
  }
});

test('--cleanup deletes the keys of the pattern, and nothing among them', async () => {
  const text = '/clean/%n-%03d[500]/#4;[0-9]{9}';
  await client.put('/clean/n-001/mine/too', 'kept');
  await client.put('/clean/n-1', 'kept');
  await runWork(cluster, runs.path, putWork({ ...options(text), ...PLAIN }), { isCleanedUp: true });
  expect((await stored('/clean/')).map(({ key }) => key.toString())).toEqual(['/clean/n-001/mine/too', '/clean/n-1']);
});

test('flags: what is no pattern, and one with too few keys', () => {
  const flags: PatternFlagValues = { seed: 1, 'sequential-keys': false };
  const refused = (pattern: string, keys?: number) => {
    try {
      return patternKeysFrom({ ...flags, pattern }, keys);
    } catch (error) {
      return (error as InputError).message;
    }
  };
  expect(patternKeysFrom(flags)).toBeUndefined();
  expect(refused('/a/%k-%d[0];x')).toContain('a counter of 0 makes no keys at all\n  /a/%k-%d[0];x');
  expect(refused('/a/%k-%d[9];x', 10)).toBe('a request of 10 different keys needs as many, and the pattern has 9');
  expect(patternKeysFrom({ ...flags, pattern: '/a/:z;x', rule: [{ name: 'z', values: ['b'] }], ip: 'c' })).toEqual({
    pattern: { text: '/a/:z;x', rules: { z: ['b'] }, ip: 'c', seed: 1 },
    distribution: { kind: 'uniform' },
  });
});
