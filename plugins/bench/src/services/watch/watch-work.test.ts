import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runsFolder, runWork } from '../../testing/run-work.ts';
import type { BenchSite } from '../run-bench.ts';
import { type CatchUpWorkOptions, catchUpWork } from './catch-up-work.ts';
import { type KeyWatchOptions, keyWatchWork } from './key-watch-work.ts';
import { type TreeWatchOptions, treeWatchWork } from './tree-watch-work.ts';

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

const values = { values: { kind: 'random' }, valueBytes: 32 } as const;

function keyWatch(prefix: string, options: Partial<KeyWatchOptions> = {}): KeyWatchOptions {
  const watch = { watchers: 40, watchedKeys: 4, keySpaceSize: 4, isSequential: true, prevKv: false };
  return { prefix, digits: 8, ...watch, connections: 2, streams: 8, ...values, isLagDetailed: true, ...options };
}

function treeWatch(prefix: string, options: Partial<TreeWatchOptions> = {}): TreeWatchOptions {
  const watch = { levels: [3, 3, 3], keyWatchers: 27, branchWatchers: 26, prevKv: false, deletePercent: 20 };
  const distribution = { kind: 'uniform' } as const;
  return { prefix, ...watch, connections: 2, streams: 5, distribution, ...values, ...options };
}

function catchUp(prefix: string, options: Partial<CatchUpWorkOptions> = {}): CatchUpWorkOptions {
  return { prefix, watchers: 500, connections: 2, streams: 4, events: 8, ...values, ...options };
}

const plan = { end: { kind: 'total', requests: 200 } } as const;
/** Reads end with the watchers. */
const readPlan = { end: { kind: 'duration', ms: 60_000 }, clients: 1, connections: 1 } as const;

test('watch: every watcher has every put of its key, once; each is timed', async () => {
  const report = await runWork(cluster, runs.path, keyWatchWork(keyWatch('a/')), { plan });
  const kvs = (await client.range('a/', { prefix: true })).kvs;
  expect(kvs.map(({ version }) => version)).toEqual([50, 50, 50, 50]);
  const expected = kvs.reduce((sum, { version }) => sum + version * 10, 0);
  const series = Object.fromEntries(report.series.map((one) => [one.name, one]));
  expect(series.put).toMatchObject({ ok: 200, fail: 0, unknown: 0 });
  expect(series.delivery).toMatchObject({ ok: expected, fail: 0, unknown: 0 });
  expect(series['delivery-from-send']).toMatchObject({ ok: expected });
  expect(series['delivery-after-ack']!.ok + series['delivery-before-ack']!.ok).toBe(expected);
  expect(series.delivery!.latency.minMs).toBeGreaterThan(0);
  expect(series.delivery!.latency.meanMs).toBeGreaterThanOrEqual(series['delivery-from-send']!.latency.meanMs);
  const { creation, events, lagFromAck, ...watch } = report.watch!;
  expect(watch).toMatchObject({ watchers: 40, streams: 8, connections: 2, ranges: 4, isPromiseKept: true });
  expect(creation.latency.count).toBe(40);
  expect(events).toMatchObject({ expected, delivered: expected, lost: 0, undelivered: 0, foreign: 0, untimed: 0 });
  expect(lagFromAck).toMatchObject({ count: expected, early: series['delivery-before-ack']!.ok });
  expect(watch.troubled).toEqual([]);
});

test('watch: the previous value in events, random keys of which some are twice, values of one kind', async () => {
  const options = keyWatch('b/', { prevKv: true, isSequential: false, watchedKeys: 20, keySpaceSize: 10 });
  const work = keyWatchWork({ ...options, isLagDetailed: false, values: { kind: 'text' }, valueBytes: 300 });
  const report = await runWork(cluster, runs.path, work, { plan, isCleanedUp: true });
  expect(report.series.map(({ name }) => name)).toEqual(['put', 'delivery']);
  expect(report.watch!.ranges).toBeLessThan(11);
  const { expected, delivered } = report.watch!.events;
  expect(delivered).toBe(expected);
  expect(delivered).toBeGreaterThanOrEqual(400);
  expect((await client.range('b/', { prefix: true })).kvs).toEqual([]);
});

test.each([0, 4])('watch: values of %i bytes, too short to tell when they were due', async (valueBytes) => {
  const work = keyWatchWork(keyWatch(`short-${valueBytes}/`, { valueBytes }));
  const report = await runWork(cluster, runs.path, work, { plan: { ...plan, warmupMs: 50 } });
  const series = Object.fromEntries(report.series.map((one) => [one.name, one]));
  expect(series.delivery).toMatchObject({ ok: 2000, fail: 0 });
  expect(series['delivery-after-ack']!.ok + series['delivery-before-ack']!.ok).toBe(2000);
  expect(report.watch!.events).toMatchObject({ lost: 0, untimed: 0, foreign: 0 });
});

test('watch-tree: keys and branches see what etcd’s history says, deletes too', async () => {
  const from = (await client.put('tree', '')).header.revision + 1;
  const report = await runWork(cluster, runs.path, treeWatchWork(treeWatch('tree/')), {
    plan: { ...plan, pace: { kind: 'open', ratePerSec: 400 } },
  });
  const history: string[] = [];
  let past = 0;
  const watcher = client.watch(
    { key: 'tree/', prefix: true, startRevision: from },
    { onEvents: (events) => void history.push(...events.map(({ kv }) => kv.key.toString())) },
  );
  const end = (await client.put('tree/end', '')).header.revision;
  while (history.at(-1) !== 'tree/end') {
    past += 1;
    expect(past).toBeLessThan(1000);
    await client.range('tree/end');
  }
  watcher.close();
  history.pop();
  // A key has one watcher of its own; of the branches, 9 watch all, 9 a third, 8 a ninth of the keys each.
  const branches = Array.from({ length: 26 }, (_, index) => {
    const level = index % 3;
    const number = Math.floor(index / 3) % 3 ** level;
    return level === 0 ? 'tree/' : level === 1 ? `tree/${number}/` : `tree/${Math.floor(number / 3)}/${number % 3}/`;
  });
  const expected = history.reduce(
    (sum, key) => sum + 1 + branches.filter((branch) => key.startsWith(branch)).length,
    0,
  );
  expect(history.length).toBeLessThanOrEqual(end - from);
  expect(report.watch!.events).toMatchObject({ expected, delivered: expected, lost: 0, duplicated: 0, reordered: 0 });
  const series = Object.fromEntries(report.series.map((one) => [one.name, one]));
  expect(series.delivery).toMatchObject({ ok: expected, fail: 0, unknown: 0 });
  expect(series.put!.ok + series.delete!.ok).toBe(200);
  expect(series.delete!.ok).toBeGreaterThan(10);
  expect(report.watch!.events.untimed).toBe(0);
});

test('watch-tree: writes of others below the same root are seen and not timed', async () => {
  let puts: Promise<unknown> | undefined;
  const report = await runWork(
    cluster,
    runs.path,
    treeWatchWork(treeWatch('shared/', { keyWatchers: 0, branchWatchers: 1 })),
    {
      plan: { end: { kind: 'duration', ms: 700 }, pace: { kind: 'open', ratePerSec: 100 } },
      onInterval: () => {
        const keys = ['shared/0/0/0', 'shared/1/1/1', 'shared/a', 'shared/b'];
        puts ??= Promise.all([
          client.put('shared/other', 'x'),
          client.put('shared/0/1/2', 'no stamp in it'),
          client.txn({ success: keys.map((key) => ({ kind: 'put', key, value: 'all at once' })) }),
        ]);
      },
    },
  );
  await puts;
  expect(report.watch!.events).toMatchObject({ foreign: 6, duplicated: 0 });
  expect(report.watch!.isPromiseKept).toBe(true);
});

test('the warm-up’s events are checked and not timed', async () => {
  const work = keyWatchWork(keyWatch('warm/', { watchers: 10, watchedKeys: 1, keySpaceSize: 1 }));
  const report = await runWork(cluster, runs.path, work, { plan: { ...plan, warmupMs: 300 } });
  const delivery = report.series.find(({ name }) => name === 'delivery')!;
  expect(delivery.ok).toBe(2000);
  const { version } = (await client.range('warm/', { prefix: true })).kvs[0]!;
  expect(version).toBeGreaterThan(200);
  expect(report.watch!.events).toMatchObject({ expected: version * 10, delivered: version * 10 });
});

test('watch-get: all watchers catch up with all events; reads go on beside them', async () => {
  const report = await runWork(cluster, runs.path, catchUpWork(catchUp('get/')), {
    plan: readPlan,
    isCleanedUp: true,
  });
  const [watchers, reads] = report.series;
  expect(watchers).toMatchObject({ name: 'catch-up', ok: 500, fail: 0, unknown: 0 });
  expect(watchers!.latency.minMs).toBeGreaterThan(0);
  expect(reads).toMatchObject({ name: 'range', fail: 0 });
  expect(reads!.ok).toBeGreaterThan(0);
  expect(report.ending).toEqual({ kind: 'complete' });
  expect(report.watch!.events).toMatchObject({ expected: 4000, delivered: 4000, lost: 0, compacted: 0 });
  expect(report.watch!.breaks).toEqual({ disconnects: 0, resumed: 0, gaps: 0 });
  expect((await client.range('get/', { prefix: true })).kvs).toEqual([]);
});

test('watch-get: a history that was compacted in between is told', async () => {
  const work = catchUpWork(catchUp('compacted/', { watchers: 50 }));
  const { prepare } = work;
  const compacting = {
    ...work,
    async prepare(site: BenchSite) {
      await prepare?.(site);
      const { kvs } = await client.range('compacted/', { prefix: true });
      await client.compact(kvs[0]!.modRevision - 2);
    },
  };
  const report = await runWork(cluster, runs.path, compacting, { plan: readPlan });
  expect(report.series[0]).toMatchObject({ name: 'catch-up', ok: 50, fail: 0, unknown: 0 });
  // Of 8 revisions 5 are gone, for each watcher.
  expect(report.watch!.events).toMatchObject({ expected: 400, delivered: 150, compacted: 250, lost: 0, duplicated: 0 });
  expect(report.watch!.breaks.gaps).toBe(50);
  expect(report.watch!.isPromiseKept).toBe(true);
  expect(report.findings.at(-1)!.message).toMatch(
    /^etcd compacted the history, revisions \d+ to \d+, under 50 watches/,
  );
});

test.each(['3.4', '3.5'])('etcd %s: watches of all kinds', async (version) => {
  await using old = await startEtcd({ version });
  const few = { watchers: 20, watchedKeys: 2, keySpaceSize: 2 };
  const keys = await runWork(old, runs.path, keyWatchWork(keyWatch('k/', few)), { plan });
  expect(keys.watch!.events).toMatchObject({ expected: 2000, delivered: 2000 });
  const tree = await runWork(old, runs.path, treeWatchWork(treeWatch('t/')), { plan });
  expect(tree.watch!.events.delivered).toBe(tree.watch!.events.expected);
  expect(tree.watch!.isPromiseKept).toBe(true);
  const history = await runWork(old, runs.path, catchUpWork(catchUp('h/', { watchers: 100 })), { plan: readPlan });
  expect(history.watch!.events).toMatchObject({ expected: 800, delivered: 800 });
});

test('over TLS, with certificates on both sides', async () => {
  await using secured = await startEtcd({ tls: 'mutual' });
  const { ca, client: own } = secured.certificates!;
  const access = { endpoints: secured.endpoints, tls: { ca, cert: own.cert, key: own.key } };
  const report = await runWork(access, runs.path, treeWatchWork(treeWatch('tls/')), { plan });
  expect(report.watch!.events.delivered).toBe(report.watch!.events.expected);
  expect(report.watch!.events.delivered).toBeGreaterThan(200);
});
