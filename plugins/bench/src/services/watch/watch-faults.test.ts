import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LoadSource } from '@etcdperf/core/load';
import { findEtcdTool, startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WatchFleet } from '@etcdperf/core/watches';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runsFolder, runWork } from '../../testing/run-work.ts';
import type { BenchSite, BenchWork } from '../run-bench.ts';
import { CatchUpLoad } from './catch-up-load.ts';
import { catchUpWork } from './catch-up-work.ts';
import { keyWatchWork } from './key-watch-work.ts';
import { WatchKeySpace } from './watch-keys.ts';
import { WatchLoad } from './watch-load.ts';
import { planKeyWatchers } from './watch-plan.ts';
import { WatchTracker } from './watch-tracker.ts';
import type { WatchExtra } from './watch-work.ts';

const WAIT = { timeout: 30_000, interval: 10 };
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

function work(prefix: string, connections = 2): BenchWork<WatchExtra> {
  return keyWatchWork({
    prefix,
    digits: 8,
    watchers: 20,
    watchedKeys: 2,
    keySpaceSize: 2,
    isSequential: true,
    prevKv: false,
    connections,
    streams: 4,
    values: { kind: 'random' },
    valueBytes: 16,
    isLagDetailed: true,
  });
}

/** The same, with its load told when it is made. */
function told<Load extends LoadSource>(
  inner: BenchWork<WatchExtra>,
  kind: new (...args: never[]) => Load,
  tell: (load: Load) => void,
): BenchWork<WatchExtra> {
  return {
    ...inner,
    async load(site: BenchSite): Promise<LoadSource> {
      if (typeof inner.load !== 'function') throw new Error('the load of watches is made by its work');
      const load = await inner.load(site);
      if (!(load instanceof kind)) throw new Error('this work has another load');
      tell(load);
      return load;
    },
  };
}

const openPlan = (ratePerSec: number, ms: number) =>
  ({ pace: { kind: 'open', ratePerSec }, end: { kind: 'duration', ms }, clients: 1000 }) as const;

test('a network that delays everything shifts the lag by just that delay', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const access = { endpoints: [`http://${proxy.address}`] };
  proxy.delayMs(60);
  const report = await runWork(access, runs.path, work('delay/'), { plan: openPlan(100, 600) });
  const delivery = report.series.find(({ name }) => name === 'delivery')!;
  // There and back.
  expect(delivery.latency.minMs).toBeGreaterThan(118);
  expect(report.watch!.events).toMatchObject({ lost: 0, undelivered: 0 });
  // Acknowledgements take the same way back.
  expect(report.watch!.lagFromAck.p50Ms).toBeLessThan(60);
});

test('connections that are cut resume, and nothing is lost', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const access = { endpoints: [`http://${proxy.address}`] };
  let intervals = 0;
  const report = await runWork(access, runs.path, work('cut/'), {
    plan: openPlan(500, 1500),
    onInterval: () => {
      intervals += 1;
      if (intervals === 2) {
        proxy.cut();
        proxy.heal();
      }
    },
  });
  expect(report.watch!.breaks).toMatchObject({ disconnects: 2, resumed: 20, gaps: 0 });
  expect(report.watch!.events).toMatchObject({ lost: 0, undelivered: 0, duplicated: 0, reordered: 0 });
  // Writes without an answer may have happened; those with one have.
  const put = report.series.find(({ name }) => name === 'put')!;
  expect(report.watch!.events.delivered).toBeGreaterThanOrEqual(put.ok * 10);
  expect(report.watch!.events.delivered).toBeLessThanOrEqual((put.ok + put.unknown) * 10);
  expect(put.ok).toBeGreaterThan(100);
});

test('a slow reader: what it reads late is lag, not loss', async () => {
  let load: WatchLoad | undefined;
  const slow = told(work('slow/'), WatchLoad, (made) => {
    load = made;
  });
  let intervals = 0;
  let pausedAt = 0;
  let pausedMs = 0;
  const report = await runWork(cluster, runs.path, slow, {
    plan: openPlan(300, 1400),
    onInterval: () => {
      intervals += 1;
      if (intervals === 2) {
        load!.fleet.pause();
        pausedAt = performance.now();
      }
      if (intervals === 4) {
        pausedMs = performance.now() - pausedAt;
        load!.fleet.resume();
      }
    },
  });
  const delivery = report.series.find(({ name }) => name === 'delivery')!;
  expect(pausedMs).toBeGreaterThan(0);
  // Less the time until the next write was due, and what is rounded.
  expect(delivery.latency.maxMs).toBeGreaterThan(pausedMs - 10);
  expect(report.watch!.events).toMatchObject({ lost: 0, undelivered: 0, duplicated: 0, reordered: 0 });
  const put = report.series.find(({ name }) => name === 'put')!;
  expect(delivery.ok).toBe(put.ok * 10);
});

test('a member that stands still: its events are as late as it was', async () => {
  await using own = await startEtcd();
  let intervals = 0;
  let pausedAt = 0;
  let pausedMs = 0;
  const report = await runWork(own, runs.path, work('stall/'), {
    plan: openPlan(200, 1400),
    onInterval: () => {
      intervals += 1;
      if (intervals === 2) {
        own.members[0]!.pause();
        pausedAt = performance.now();
      }
      if (intervals === 4) {
        pausedMs = performance.now() - pausedAt;
        own.members[0]!.resume();
      }
    },
  });
  const { latency, ok } = report.series.find(({ name }) => name === 'delivery')!;
  expect(pausedMs).toBeGreaterThan(0);
  // Less the time until it stood still and the next write was due.
  expect(latency.maxMs).toBeGreaterThan(pausedMs - 50);
  expect(ok).toBe(2800);
  expect(report.watch!.isPromiseKept).toBe(true);
});

test('events that are kept back, told twice, or told late are found, with their watcher', async () => {
  const seen: number[] = [];
  const tampered = told(work('tampered/'), WatchLoad, ({ tracker }) => {
    const tell = tracker.onEvent.bind(tracker);
    let late: (() => void) | undefined;
    tracker.onEvent = (watcher, type, bytes, keyStart, keyEnd, valueStart, valueEnd, revision, now) => {
      const copy = Buffer.from(bytes.subarray(keyStart, valueEnd));
      const again = () =>
        tell(watcher, type, copy, 0, keyEnd - keyStart, valueStart - keyStart, copy.length, revision, now);
      seen.push(watcher);
      const isNth = (of: number, nth: number) => watcher === of && seen.filter((one) => one === of).length === nth;
      if (isNth(3, 10)) return;
      if (isNth(4, 10)) {
        late = again;
        return;
      }
      again();
      if (isNth(5, 10)) again();
      if (isNth(4, 12)) late?.();
    };
  });
  const plan = { end: { kind: 'total', requests: 60 }, timeoutMs: 500, clients: 2 } as const;
  const report = await runWork(cluster, runs.path, tampered, { plan });
  expect(report.watch!.events).toMatchObject({
    expected: 600,
    delivered: 599,
    lost: 1,
    undelivered: 0,
    duplicated: 1,
    reordered: 1,
  });
  expect(report.watch!.isPromiseKept).toBe(false);
  const lines = (await readFile(join(report.runFolder, 'watchers.jsonl'), 'utf8')).trimEnd().split('\n');
  const troubled = lines.map((line) => JSON.parse(line));
  expect(troubled).toMatchObject([
    { watcher: 3, key: 'tampered/00000001', delivered: 29, missing: 1, duplicated: 0, reordered: 0 },
    { watcher: 4, key: 'tampered/00000000', delivered: 30, missing: 0, duplicated: 0, reordered: 1 },
    { watcher: 5, key: 'tampered/00000001', delivered: 30, missing: 0, duplicated: 1, reordered: 0 },
  ]);
  expect(report.watch!.troubled).toEqual(troubled);
  const delivery = report.series.find(({ name }) => name === 'delivery')!;
  expect(delivery).toMatchObject({ ok: 599, fail: 1, unknown: 0 });
  expect(report.errors).toEqual([
    { message: 'an event never came, although its watch stands', outcome: 'fail', count: 1 },
  ]);
});

test('three members, the leader killed: watches go on elsewhere, and nothing is lost', async () => {
  await using three = await startEtcd({ members: 3 });
  const leader = await three.leader();
  let killing: Promise<void> | undefined;
  const report = await runWork(three, runs.path, work('failover/', 3), {
    plan: { ...openPlan(200, 5000), connections: 3, timeoutMs: 3000 },
    onInterval: () => {
      killing ??= leader.kill();
    },
  });
  await killing;
  const put = report.series.find(({ name }) => name === 'put')!;
  expect(put.ok).toBeGreaterThan(200);
  expect(report.watch!.breaks.disconnects).toBeGreaterThan(0);
  expect(report.watch!.events).toMatchObject({ lost: 0, undelivered: 0, duplicated: 0, reordered: 0 });
  const { delivered } = report.watch!.events;
  expect(delivered).toBeGreaterThanOrEqual(put.ok * 10);
  expect(delivered).toBeLessThanOrEqual((put.ok + put.unknown) * 10);
});

test('all members gone for a while: watches come back, and nothing is lost', async () => {
  await using own = await startEtcd();
  const [member] = own.members;
  let restarting: Promise<void> | undefined;
  const report = await runWork(own, runs.path, work('gone/'), {
    plan: { ...openPlan(200, 3000), timeoutMs: 1000 },
    onInterval: () => {
      restarting ??= member!.kill().then(() => member!.restart());
    },
  });
  await restarting;
  const put = report.series.find(({ name }) => name === 'put')!;
  expect(put.ok).toBeGreaterThan(20);
  expect(report.watch!.breaks.resumed).toBeGreaterThanOrEqual(20);
  expect(report.watch!.events).toMatchObject({ lost: 0, undelivered: 0, duplicated: 0, reordered: 0 });
  expect(report.watch!.events.delivered).toBeGreaterThanOrEqual(put.ok * 10);
});

test('the run is broken off: what had not come is neither lost nor delivered', async () => {
  const interruption = new AbortController();
  let load: WatchLoad | undefined;
  let isPaused = false;
  const isBehind = (_: unknown, watcher: number) => load!.tracker.ledger.countsOf(watcher).missing > 0;
  const report = await runWork(
    cluster,
    runs.path,
    told(work('interrupted/'), WatchLoad, (made) => {
      load = made;
    }),
    {
      plan: { ...openPlan(200, 60_000), timeoutMs: 500 },
      signal: interruption.signal,
      onInterval: () => {
        if (!isPaused) load!.fleet.pause();
        isPaused = true;
        load!.tracker.settle();
        // However slow the machine is: both keys have been written since, so that every watcher has something to come.
        if (Array.from({ length: 20 }, isBehind).every(Boolean)) interruption.abort(new Error('enough'));
      },
    },
  );
  expect(report.ending.kind).toBe('interrupted');
  const { lost, undelivered, expected, delivered } = report.watch!.events;
  expect(lost).toBe(0);
  expect(undelivered).toBeGreaterThan(0);
  expect(delivered + undelivered).toBe(expected);
  expect(report.watch!.isPromiseKept).toBe(true);
  expect(report.watch!.troubledWatchers).toBe(20);
  const delivery = report.series.find(({ name }) => name === 'delivery')!;
  expect(delivery.unknown).toBe(undelivered);
});

test('compacted under watchers that were away: a gap, told exactly, and not a loss', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const keys = new WatchKeySpace({ prefix: 'gap/', levels: [2], digits: 2 });
  const plan = planKeyWatchers(keys, [0, 1], 6);
  const tracker = new WatchTracker(plan, 1);
  const options = { access: { endpoints: [`http://${proxy.address}`] }, connections: 1, streams: 2, createAhead: 1 };
  await using fleet = new WatchFleet({ ...options, targets: plan.targets }, tracker);
  await fleet.connect(new AbortController().signal);
  await fleet.create(new AbortController().signal);
  const put = async (key: number) => {
    const { header } = await client.put(keys.key(key), 'x');
    for (const range of plan.rangesOf(key)) tracker.ledger.onWrite(range, header.revision);
    return header.revision;
  };
  for (const key of [0, 1, 0, 1]) await put(key);
  await vi.waitFor(() => expect(tracker.ledger.delivered).toBe(12), WAIT);
  proxy.cut();
  await vi.waitFor(() => expect(fleet.inPlace).toBe(0), WAIT);
  const away: number[] = [];
  for (const key of [0, 0, 1, 0, 1]) away.push(await put(key));
  await client.compact(away[3]!);
  proxy.heal();
  await vi.waitFor(() => expect(fleet.inPlace).toBe(6), WAIT);
  for (const key of [0, 1]) await put(key);
  await vi.waitFor(() => {
    tracker.settle();
    expect(tracker.ledger.missing).toBe(0);
  }, WAIT);
  // Of the five, the first three are gone: two of key 0, one of key 1; three watchers each.
  expect(tracker.ledger).toMatchObject({ expected: 33, delivered: 24, compacted: 9, duplicated: 0, reordered: 0 });
  expect([0, 1].map((watcher) => tracker.ledger.countsOf(watcher).compacted)).toEqual([2, 1]);
  expect(fleet.gaps).toBe(6);
  // More than once, with other ids on the same stream.
  proxy.cut();
  proxy.heal();
  await vi.waitFor(() => expect(fleet.resumed).toBeGreaterThanOrEqual(12), WAIT);
  await put(0);
  await vi.waitFor(() => expect(tracker.ledger.delivered).toBe(27), WAIT);
});

/** A cluster with the users root and limited, who may only read `mine/`. */
async function startGuarded(): Promise<TestCluster> {
  const guarded = await startEtcd();
  const etcdctl = await findEtcdTool('etcdctl');
  const run = promisify(execFile);
  for (const line of [
    'role add root',
    'role add mine',
    'role grant-permission --prefix mine read mine/',
    'user add root:secret',
    'user add limited:little',
    'user grant-role root root',
    'user grant-role limited mine',
    'auth enable',
  ]) {
    await run(etcdctl, [`--endpoints=${guarded.endpoints.join(',')}`, ...line.split(' ')]);
  }
  return guarded;
}

test('cut while they catch up: watchers go on where they were', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const access = { endpoints: [`http://${proxy.address}`] };
  const options = { prefix: 'catch-up/', watchers: 40, connections: 2, streams: 4, events: 3000 };
  let events = 0;
  const cut = told(
    catchUpWork({ ...options, values: { kind: 'random' }, valueBytes: 100 }),
    CatchUpLoad,
    ({ tracker }) => {
      const tell = tracker.onEvent.bind(tracker);
      tracker.onEvent = (...args) => {
        events += 1;
        tell(...args);
        // Not in the middle of what this very connection is reading.
        if (events === 30_000) {
          setImmediate(() => {
            proxy.cut();
            proxy.heal();
          });
        }
      };
    },
  );
  const plan = { end: { kind: 'duration', ms: 60_000 }, clients: 1, connections: 1 } as const;
  const report = await runWork(access, runs.path, cut, { plan });
  expect(report.series[0]).toMatchObject({ name: 'catch-up', ok: 40, fail: 0, unknown: 0 });
  expect(report.watch!.events).toMatchObject({ expected: 120_000, delivered: 120_000, duplicated: 0, reordered: 0 });
  expect(report.watch!.breaks).toMatchObject({ disconnects: 2, gaps: 0 });
  expect(report.watch!.breaks.resumed).toBeGreaterThan(0);
});

test('who may not watch is told so; a token that is no longer good is renewed', async () => {
  await using guarded = await startGuarded();
  const { endpoints } = guarded;
  const limited = { endpoints, auth: { user: 'limited', password: 'little' } };
  const root = { endpoints, auth: { user: 'root', password: 'secret' } };
  const keys = (prefix: string) => new WatchKeySpace({ prefix, levels: [1], digits: 1 });
  const options = { connections: 1, streams: 3, createAhead: 2 };
  const { signal } = new AbortController();

  const forbidden = planKeyWatchers(keys('theirs/'), [0], 9);
  const tracker = new WatchTracker(forbidden, 1);
  await using refused = new WatchFleet({ ...options, access: limited, targets: forbidden.targets }, tracker);
  await refused.connect(signal);
  await expect(refused.create(signal)).rejects.toThrow(/etcd refuses a watch: .*permission denied/);

  const allowed = planKeyWatchers(keys('mine/'), [0], 9);
  const seen = new WatchTracker(allowed, 1);
  await using fleet = new WatchFleet({ ...options, access: limited, targets: allowed.targets }, seen);
  await fleet.connect(signal);
  await fleet.create(signal);
  await using admin = await WireClient.connect({ ...root, requestTimeoutMs: 30_000 });
  await admin.put('mine/0', '1');
  await vi.waitFor(() => expect(seen.ledger.delivered).toBe(9), WAIT);
  // It forgets all tokens.
  await guarded.members[0]!.restart();
  await admin.put('mine/0', '2');
  await vi.waitFor(() => expect(seen.ledger.delivered).toBe(18), WAIT);
  expect(seen.ledger).toMatchObject({ duplicated: 0, reordered: 0 });
  expect(fleet.refusals.size).toBe(0);
});
