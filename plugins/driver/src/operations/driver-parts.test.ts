import type { LoadOperation, LoadPart } from '@etcdperf/core/load';
import { startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { ProtoReader, WireClient } from '@etcdperf/core/wire';
import type { PatternSpace, RangeReads, Workload } from '@etcdperf/core/workload';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { WriteObserver } from '../services/verify/write-observer.ts';
import { openSpace, WORKLOAD } from '../testing/driver-space.ts';
import { runParts, startParts } from '../testing/run-parts.ts';
import { type DriverParts, type DriverProgress, driverParts } from './driver-parts.ts';
import { TakenNodes } from './taken-nodes.ts';
import { WriteCounter } from './write-counter.ts';

const WAIT = { timeout: 40_000, interval: 20 };
let cluster: TestCluster;
let client: WireClient;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});

/** 5 subtrees of 24 keys each. */
const pattern = (root: string) => `/${root}/%a-%03d[5]/%b-%d[4]/%leaf-%020d[6];[0-9]{30,60}`;

function open(workload: Partial<Workload> & { pattern: string }, from?: DriverProgress) {
  const space = openSpace(workload.pattern);
  const writes = new WriteCounter();
  return { space, writes, parts: driverParts({ ...WORKLOAD, ...workload }, space, writes, undefined, from) };
}

function keyOf(space: PatternSpace, key: number): string {
  const bytes = Buffer.alloc(space.maxKeyBytes);
  return bytes.toString('utf8', 0, space.writeKey(bytes, 0, key));
}

function keysOf(space: PatternSpace, from = 0): string[] {
  return Array.from({ length: space.size - from }, (_, index) => keyOf(space, from + index)).sort();
}

async function contentOf(root: string, reader = client) {
  const { kvs } = await reader.range(`/${root}/`, { prefix: true });
  const bytes = kvs.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  return { keys: kvs.map(({ key }) => key.toString()), values: kvs.map(({ value }) => value.toString()), bytes };
}

function nodeOf(space: PatternSpace, level: number, node: number): string {
  const bytes = Buffer.alloc(space.maxKeyBytes);
  return bytes.toString('utf8', 0, space.writeNode(bytes, 0, level, node));
}

/** The part, and the keys of its requests in their order. */
function recordKeys(part: LoadPart): { read: string[]; recorded: LoadPart } {
  const read: string[] = [];
  const { operation } = part;
  const recorded: LoadOperation = {
    kinds: operation.kinds,
    next: () => operation.next(),
    fill: (bytes, at, sequence, startedAt) => {
      operation.fill(bytes, at, sequence, startedAt);
      const reader = new ProtoReader(bytes, at);
      reader.next();
      read.push(reader.text());
    },
    onMessage: (kind, sequence, bytes, start, end) => operation.onMessage?.(kind, sequence, bytes, start, end),
    counters: () => operation.counters?.() ?? {},
  };
  return { read, recorded: { ...part, operation: recorded } };
}

/** Subtrees of the keys' first level and values, both quickly. */
const CHURN = {
  ...WORKLOAD,
  load: undefined,
  subtreeChurn: { level: 1, percent: 100, ratePerSec: 50 },
  valueChurn: { ratePerSec: 100 },
};

/** Waits until so many more subtrees were deleted and are whole again. */
async function turnsAfterNow(parts: DriverParts, turns: number): Promise<void> {
  const { churned } = parts.progress();
  await vi.waitFor(() => expect(parts.progress().churned).toBeGreaterThan(churned + turns), WAIT);
}

/** Loads all keys of a pattern. */
async function load(text: string) {
  const { parts, space } = open({ pattern: text });
  await runParts(cluster.endpoints, [parts.ramp!]);
  return space;
}

test('load: every key once, each with a value as the pattern says', async () => {
  const { space, parts, writes } = open({ pattern: pattern('load') });
  expect([parts.steady, parts.progress()]).toEqual([[], { loaded: 0, churned: 0 }]);
  const { revision } = (await client.range('/', { limit: 1 })).header;
  const figures = await runParts(cluster.endpoints, [parts.ramp!]);
  const content = await contentOf('load');
  expect(content.keys).toEqual(keysOf(space));
  for (const value of content.values) expect(value).toMatch(/^[0-9]{30,60}$/);
  expect(new Set(content.values).size).toBe(120);
  expect(figures.counters).toMatchObject({ puts: 120, putBytes: content.bytes });
  expect(figures.series.find(({ name }) => name === 'load')).toMatchObject({ ok: 120, fail: 0, unknown: 0 });
  expect((await client.range('/', { limit: 1 })).header.revision).toBe(revision + 120);
  expect([parts.progress().loaded, writes.nextWrite, parts.finish()]).toEqual([120, 120, undefined]);
});

test('load: at a rate, from where another driver ended', async () => {
  const { space, parts, writes } = open(
    { pattern: pattern('resumed'), load: { ratePerSec: 1000 } },
    { loaded: 70, churned: 3 },
  );
  expect(parts.progress()).toEqual({ loaded: 70, churned: 3 });
  const figures = await runParts(cluster.endpoints, [parts.ramp!]);
  expect((await contentOf('resumed')).keys).toEqual(keysOf(space, 70));
  expect(figures.counters).toMatchObject({ puts: 50 });
  expect([parts.progress().loaded, writes.nextWrite]).toEqual([120, 50]);
  expect(open({ pattern: pattern('resumed') }, { loaded: 120, churned: 0 }).parts.ramp).toBeUndefined();
  expect(open({ pattern: pattern('resumed'), load: undefined }).parts.ramp).toBeUndefined();
});

test('load: through lost connections; what was told to be loaded is there', async () => {
  const { space, parts } = open({ pattern: '/cut/%a-%d[40]/%b-%d[100];[0-9]{10,20}' });
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const endpoints = [`http://${proxy.address}`];
  const running = await startParts(endpoints, [parts.ramp!]);
  const before = [0, 0, 0];
  for (const at of [300, 1200, 2400]) {
    await vi.waitFor(() => expect(parts.progress().loaded).toBeGreaterThan(at), { ...WAIT, interval: 1 });
    proxy.cut();
    const { loaded } = parts.progress();
    before.push(loaded);
    const { kvs } = await client.range('/cut/', { prefix: true, keysOnly: true });
    const there = new Set(kvs.map(({ key }) => key.toString()));
    for (let key = 0; key < loaded; key += 1) expect(there.has(keyOf(space, key))).toBe(true);
    proxy.heal();
  }
  const figures = await running.over;
  const series = figures.series.find(({ name }) => name === 'load')!;
  expect(series).toMatchObject({ ok: 4000 });
  expect(series.fail + series.unknown).toBeGreaterThan(0);
  expect((await contentOf('cut')).keys).toEqual(keysOf(space));
  expect(parts.progress().loaded).toBe(4000);
});

test('load: values that etcd never takes end it', async () => {
  const { parts } = open({ pattern: '/huge/%a-%d[9];#1572864' });
  await expect(runParts(cluster.endpoints, [parts.ramp!])).rejects.toThrow(/refuses .* too large/);
});

test('churn: subtrees come back whole, values change meanwhile, all of it is counted', async () => {
  const space = await load(pattern('churn'));
  const before = await contentOf('churn');
  const { revision } = (await client.range('/', { limit: 1 })).header;
  const seen = { put: 0, delete: 0 };
  const watcher = client.watch(
    { key: '/churn/', prefix: true, startRevision: revision + 1 },
    {
      onEvents: (events) => {
        for (const { type } of events) seen[type] += 1;
      },
    },
  );
  const { parts } = open({
    pattern: pattern('churn'),
    load: undefined,
    subtreeChurn: { level: 1, percent: 40, ratePerSec: 40 },
    valueChurn: { ratePerSec: 400 },
  });
  expect(parts.steady).toHaveLength(3);
  const running = await startParts(cluster.endpoints, parts.steady);
  await vi.waitFor(() => expect(parts.progress().churned).toBeGreaterThan(20), WAIT);
  const { counters, series } = await running.end();
  expect(parts.finish()).toBeUndefined();
  expect((await contentOf('churn')).keys).toEqual(keysOf(space));
  const ok = (name: string) => series.find((one) => one.name === name)!.ok;
  expect(counters).toMatchObject({
    deletes: 24 * ok('churn delete'),
    clientDeletes: ok('churn delete'),
    puts: ok('churn put') + ok('value put'),
  });
  expect(ok('churn put')).toBe(24 * ok('churn delete'));
  expect(ok('value put')).toBeGreaterThan(0);
  await vi.waitFor(() => expect(seen).toEqual({ put: counters.puts, delete: counters.deletes }), WAIT);
  watcher.close();
  const last = (await client.range('/', { limit: 1 })).header.revision;
  expect(last).toBe(revision + counters.puts! + counters.clientDeletes!);
  // Two of five subtrees took part, always the same ones.
  const { kvs } = await client.range('/churn/', { prefix: true });
  const churned = kvs.filter(({ createRevision }) => createRevision > revision).map(({ key }) => key.toString());
  expect(new Set(churned.map((key) => key.split('/')[2])).size).toBe(2);
  expect((await contentOf('churn')).values).not.toEqual(before.values);
});

test.each([2, 3, 4])('churn and reads of rules, generated names and leaves: level %i', async (level) => {
  const text = `/odd-${level}/:region/[a-z]{3,9}/%b-%d[4]/#20;x{0,300}`;
  const space = await load(text);
  const below = space.keysBelow(level);
  const { parts } = open({
    pattern: text,
    load: undefined,
    subtreeChurn: { level, percent: 100, ratePerSec: 100 },
    valueChurn: { ratePerSec: 100 },
    reads: { level, ratePerSec: 100, keysOnly: false, serializable: false, full: true },
  });
  const running = await startParts(cluster.endpoints, parts.steady);
  await turnsAfterNow(parts, 30);
  const { counters } = await running.end();
  expect(parts.finish()).toBeUndefined();
  const { keys, values } = await contentOf(`odd-${level}`);
  expect(keys).toEqual(keysOf(space));
  for (const value of values) expect(value).toMatch(/^x{0,300}$/);
  expect(counters.deletes).toBe(counters.clientDeletes! * below);
  expect(counters.gets).toBeLessThanOrEqual(counters.clientGets! * below);
  expect(counters.gets).toBeGreaterThan(0);
});

test('churn: nobody else writes to a subtree between its deletion and its last key', async () => {
  const space = openSpace(pattern('alone'));
  /** By subtree, the keys that were put since its deletion was sent. */
  const away = new Map<number, Set<number>>();
  const problems: string[] = [];
  let deletions = 0;
  const observer: WriteObserver = {
    onPutSent: (key) => {
      const written = away.get(Math.floor(key / 24));
      if (written?.has(key)) problems.push(`key ${key} is put twice`);
      written?.add(key);
    },
    onPutEnded: (key, _write, outcome, revision) => {
      if (outcome !== 'ok' || revision === 0) problems.push(`key ${key}: ${outcome} at ${revision}`);
      const written = away.get(Math.floor(key / 24));
      if (written?.size === 24) away.delete(Math.floor(key / 24));
    },
    onDeleteSent: (firstKey, endKey) => {
      deletions += 1;
      if (firstKey % 24 !== 0 || endKey !== firstKey + 24) problems.push(`keys ${firstKey} to ${endKey} are deleted`);
      if (away.has(firstKey / 24)) problems.push(`subtree ${firstKey / 24} is deleted twice`);
      away.set(firstKey / 24, new Set());
    },
    onDeleteEnded: (_firstKey, _endKey, outcome, revision) => {
      if (outcome !== 'ok' || revision === 0) problems.push(`a deletion: ${outcome} at ${revision}`);
    },
  };
  const workload = {
    ...WORKLOAD,
    clients: 2,
    subtreeChurn: { level: 1, percent: 100, ratePerSec: 200 },
    valueChurn: { ratePerSec: 1000 },
  };
  const parts = driverParts(workload, space, new WriteCounter(), observer);
  await runParts(cluster.endpoints, [parts.ramp!]);
  const running = await startParts(cluster.endpoints, parts.steady);
  await vi.waitFor(() => expect(deletions).toBeGreaterThan(100), WAIT);
  await running.end();
  expect(problems).toEqual([]);
  expect((await contentOf('alone')).keys).toEqual(keysOf(space));
});

test.each<[string, Partial<RangeReads>]>([
  ['whole subtrees', { level: 1 }],
  ['keys alone', { level: 2, keysOnly: true }],
  ['the first of each, and the count', { level: 1, full: false, serializable: true }],
  ['single keys', { level: 3 }],
  ['all', { level: 0 }],
])('reads: %s', async (name, how) => {
  const root = name.replaceAll(/[^a-z]/g, '');
  // All keys and values have the same length.
  const space = await load(`/${root}/%a-%03d[5]/%b-%d[4]/%leaf-%020d[6];[0-9]{40,40}`);
  const reads = { level: 1, ratePerSec: 2000, keysOnly: false, serializable: false, full: true, ...how };
  const { parts } = open({ pattern: space.text, load: undefined, reads });
  const { counters, series } = await runParts(cluster.endpoints, parts.steady, {
    end: { kind: 'total', requests: 100 },
  });
  expect(series.find((one) => one.name === 'get')).toMatchObject({ ok: 100 });
  const keys = 100 * space.keysBelow(reads.level);
  const bytes = (reads.full ? keys : 100) * (space.keyBytesOf(0) + (reads.keysOnly ? 0 : 40));
  expect(counters).toMatchObject({ gets: keys, clientGets: 100, getBytes: bytes });
});

test('what is watched is read again, each once in an interval', async () => {
  const space = await load(pattern('watched'));
  const watches = { perLevel: [0, 2, 'every', 3] as const, prefix: true, rereadIntervalMs: 100 };
  const { parts } = open({ pattern: space.text, load: undefined, watches });
  const [part] = parts.steady;
  // 2 subtrees of 24 keys, 20 of 6, 3 keys.
  expect(part!.pace).toEqual({ kind: 'open', ratePerSec: 250 });
  const { read, recorded } = recordKeys(part!);
  const { counters } = await runParts(cluster.endpoints, [recorded], { end: { kind: 'total', requests: 75 } });
  const expected = [
    ...new Set([0, 2].map((node) => `${nodeOf(space, 1, node)}/`)),
    ...Array.from({ length: 20 }, (_, node) => `${nodeOf(space, 2, node)}/`),
    ...[0, 40, 80].map((node) => nodeOf(space, 3, node)),
  ];
  for (const round of [0, 1, 2]) expect(read.slice(round * 25, round * 25 + 25)).toEqual(expected);
  const { bytes } = await contentOf('watched');
  expect(counters).toMatchObject({ prefixGets: 3 * (2 * 24 + 120 + 3), clientPrefixGets: 75 });
  expect(counters.prefixGetBytes).toBeGreaterThan(3 * bytes);
});

test('what is watched by its own key alone is read as that', async () => {
  const watches = { perLevel: [0, 'every'] as const, prefix: false, rereadIntervalMs: 50 };
  const { parts, space } = open({ pattern: pattern('alone'), load: undefined, watches });
  const { read, recorded } = recordKeys(parts.steady[0]!);
  const { counters } = await runParts(cluster.endpoints, [recorded], { end: { kind: 'total', requests: 5 } });
  expect(read).toEqual(Array.from({ length: 5 }, (_, node) => nodeOf(space, 1, node)));
  expect(counters).toMatchObject({ prefixGets: 0, clientPrefixGets: 5, prefixGetBytes: 0 });
  expect(
    open({ pattern: pattern('alone'), watches: { ...watches, rereadIntervalMs: undefined } }).parts.steady,
  ).toEqual([]);
});

test('deletions without an answer may come late: all keys are there at the end', async () => {
  const space = await load(pattern('late'));
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const unknown = { puts: 0, deletes: 0 };
  const doubtful = new Set<number>();
  const observer: WriteObserver = {
    onPutSent: () => {},
    onPutEnded: (_key, _write, outcome, revision) => {
      if (outcome === 'unknown') unknown.puts += 1;
      expect(revision > 0).toBe(outcome === 'ok');
    },
    onDeleteSent: () => {},
    onDeleteEnded: (firstKey, _endKey, outcome, revision) => {
      if (outcome === 'unknown') unknown.deletes += 1;
      if (outcome === 'unknown') doubtful.add(firstKey / 24);
      expect(revision > 0).toBe(outcome === 'ok');
    },
  };
  const parts = driverParts({ ...CHURN, pattern: space.text }, space, new WriteCounter(), observer);
  const running = await startParts([`http://${proxy.address}`], parts.steady, { timeoutMs: 300 });
  await turnsAfterNow(parts, 5);
  proxy.blackhole();
  await vi.waitFor(() => expect([unknown.puts > 5, unknown.deletes > 1]).toEqual([true, true]), WAIT);
  proxy.heal();
  await turnsAfterNow(parts, 5);
  const { series } = await running.end();
  const sum = (name: string) => series.find((one) => one.name === name)!.unknown;
  expect(sum('churn delete')).toBe(unknown.deletes);
  expect(sum('churn put') + sum('value put')).toBe(unknown.puts);
  for (const node of doubtful) await client.deleteRange(`${nodeOf(space, 1, node)}/`, { prefix: true });
  expect((await contentOf('late')).keys.length).toBeLessThan(space.size);
  await runParts(cluster.endpoints, [parts.finish()!]);
  expect((await contentOf('late')).keys).toEqual(keysOf(space));
  expect(parts.finish()).toBeUndefined();
});

test('a driver that is taken up again repairs what the one before left half done', async () => {
  const space = await load(pattern('taken-up'));
  const first = open({ ...CHURN, pattern: space.text });
  const running = await startParts(cluster.endpoints, first.parts.steady);
  await turnsAfterNow(first.parts, 3);
  const saved = first.parts.progress();
  await turnsAfterNow(first.parts, 1);
  await running.end();
  // As if it had been killed before it wrote anything anew.
  const turns = first.parts.progress().churned - saved.churned;
  const nodes = new TakenNodes(5, 100, WORKLOAD.seed);
  for (let turn = 0; turn < Math.min(5, turns); turn += 1)
    await client.deleteRange(`${nodeOf(space, 1, nodes.at(saved.churned + turn))}/`, { prefix: true });
  expect((await contentOf('taken-up')).keys.length).toBeLessThan(space.size);
  const second = open({ ...CHURN, pattern: space.text }, saved);
  expect(second.parts.progress()).toEqual(saved);
  const again = await startParts(cluster.endpoints, second.parts.steady);
  await vi.waitFor(() => expect(second.parts.progress().churned).toBeGreaterThan(saved.churned + turns), WAIT);
  await again.end();
  expect((await contentOf('taken-up')).keys).toEqual(keysOf(space));
});

test('three members, the leader is killed while keys are loaded and while they are churned: none is missing', async () => {
  await using three = await startEtcd({ members: 3 });
  const { parts, space } = open({ ...CHURN, pattern: pattern('three'), load: { ratePerSec: 60 } });
  const kill = async () => {
    const leader = await three.leader();
    await leader.kill();
    return leader;
  };
  const ramp = await startParts(three.endpoints, [parts.ramp!], { timeoutMs: 2000 });
  await vi.waitFor(() => expect(parts.progress().loaded).toBeGreaterThan(20), WAIT);
  const killed = await kill();
  await ramp.over;
  expect(parts.progress().loaded).toBe(space.size);
  await killed.restart();
  const steady = await startParts(three.endpoints, parts.steady, { timeoutMs: 2000 });
  await turnsAfterNow(parts, 10);
  await kill();
  await turnsAfterNow(parts, 10);
  const { series } = await steady.end();
  expect(series.reduce((sum, { fail, unknown }) => sum + fail + unknown, 0)).toBeGreaterThan(0);
  const finish = parts.finish();
  if (finish !== undefined) await runParts(three.endpoints, [finish]);
  const reader = await WireClient.connect({ endpoints: three.endpoints });
  expect((await contentOf('three', reader)).keys).toEqual(keysOf(space));
  await reader.close();
});
