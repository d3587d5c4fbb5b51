import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { startEtcd, startTcpProxy, type TestMember } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type RunWorkOptions, runsFolder, runWork } from '../testing/run-work.ts';
import { putWork } from './put-work.ts';
import type { BenchWork } from './run-bench.ts';
import { keyWatchWork } from './watch/key-watch-work.ts';

const WAIT = { timeout: 60_000, interval: 20 };

let runs: Awaited<ReturnType<typeof runsFolder>>;
beforeAll(async () => {
  runs = await runsFolder();
});
afterAll(() => runs[Symbol.asyncDispose]());

const puts = () =>
  putWork({
    keys: { prefix: 'follow/', digits: 8, size: 1_000_000 },
    distribution: { kind: 'sequential' },
    values: { kind: 'random' },
    valueBytes: 16,
    compaction: undefined,
    isHashChecked: true,
    requests: undefined,
  });

/** 200 requests a second on four connections until it is ended; then it is cleaned up. */
function start<Extra extends object>(
  access: ClusterAccess,
  work: BenchWork<Extra>,
  { plan, ...options }: RunWorkOptions,
) {
  const ending = new AbortController();
  const told: string[] = [];
  const counts = { ok: 0, lost: 0 };
  const load = {
    pace: { kind: 'open', ratePerSec: 200 },
    end: { kind: 'duration', ms: 3_600_000 },
    connections: 4,
    timeoutMs: 1000,
  } as const;
  const report = runWork(access, runs.path, work, {
    isCleanedUp: true,
    ...options,
    plan: { ...load, ...plan },
    signal: ending.signal,
    onFinding: ({ message }) => void told.push(message),
    onInterval: ({ series, dropped }) => {
      const { ok, fail, unknown } = series.find(({ name }) => name === 'put')!;
      counts.ok += ok;
      counts.lost += fail + unknown + dropped;
    },
  });
  report.catch(() => undefined);
  return {
    told,
    counts,
    async moreOk(count: number) {
      const before = counts.ok;
      await vi.waitFor(() => expect(counts.ok).toBeGreaterThan(before + count), WAIT);
    },
    /** That connections go to these now, and to no others. */
    async goesTo(...endpoints: string[]) {
      await vi.waitFor(() => {
        const latest = told.findLast((message) => message.includes('from now on')) ?? '';
        expect(/connections go to (.*) from/.exec(latest)?.[1]?.split(', ').toSorted()).toEqual(endpoints.toSorted());
      }, WAIT);
    },
    end() {
      ending.abort();
      return report;
    },
  };
}

async function keysLeft(access: ClusterAccess): Promise<number> {
  await using client = await WireClient.connect(access);
  return (await client.range('follow/', { prefix: true, countOnly: true })).count;
}

test('one member becomes three, and then the first is removed: the load goes on', async () => {
  await using cluster = await startEtcd({ flags: { 'strict-reconfig-check': false } });
  const [first] = cluster.members as [TestMember];
  const load = start({ endpoints: cluster.endpoints }, puts(), { autoSyncMs: 100 });
  await load.moreOk(100);
  const second = await cluster.addMember();
  const third = await cluster.addMember();
  await load.goesTo(first.endpoint, second.endpoint, third.endpoint);
  await cluster.removeMember(first);
  await load.goesTo(second.endpoint, third.endpoint);
  await load.moreOk(500);
  const report = await load.end();
  expect(report.ending).toEqual({ kind: 'interrupted' });
  // Where it began; what became of it is told.
  expect(report.endpoints).toEqual([first.endpoint]);
  expect(report.findings.map(({ message }) => message)).toEqual(expect.arrayContaining(load.told));
  const result = JSON.parse(await readFile(join(report.runFolder, 'result.json'), 'utf8'));
  expect(result.findings).toEqual(report.findings);
  // What comes after the load asks those that there are now.
  expect(report.hashes).toMatchObject({ verdict: 'equal', revision: expect.any(Number) });
  expect(report.hashes?.members.map(({ endpoint }) => endpoint).toSorted()).toEqual(
    [second.endpoint, third.endpoint].toSorted(),
  );
  expect(await keysLeft({ endpoints: [second.endpoint] })).toBe(0);
});

test.each([
  { tls: undefined, threads: 1 },
  { tls: 'mutual', threads: 2 },
] as const)('only the first is given, and killed: tls $tls, $threads threads', async ({ tls, threads }) => {
  await using cluster = await startEtcd({ members: 3, ...(tls && { tls }) });
  const { ca, client } = cluster.certificates ?? {};
  const [first] = cluster.members as [TestMember];
  const access = { endpoints: [first.endpoint], ...(client && { tls: { ca: ca!, ...client } }) };
  const load = start(access, puts(), { autoSyncMs: 100, plan: { threads } });
  await load.goesTo(...cluster.endpoints);
  await load.moreOk(50);
  await first.kill();
  await load.moreOk(300);
  expect((await load.end()).ending).toEqual({ kind: 'interrupted' });
  expect(await keysLeft({ ...access, endpoints: cluster.endpoints })).toBe(0);
});

test('watchers follow as well, and lose nothing', async () => {
  await using cluster = await startEtcd({ members: 3 });
  const [first] = cluster.members as [TestMember];
  const work = keyWatchWork({
    ...{ prefix: 'follow/', digits: 8, watchedKeys: 2, keySpaceSize: 2, isSequential: true, prevKv: false },
    ...{ watchers: 20, connections: 2, streams: 4, values: { kind: 'random' }, valueBytes: 16, isLagDetailed: false },
  });
  const load = start({ endpoints: [first.endpoint] }, work, { autoSyncMs: 100 });
  await load.goesTo(...cluster.endpoints);
  await load.moreOk(50);
  await first.kill();
  await load.moreOk(300);
  const { watch } = await load.end();
  expect(watch).toMatchObject({ isPromiseKept: true, breaks: { resumed: 20, gaps: 0 } });
  expect(watch?.events.delivered).toBeGreaterThan(300 * 10);
});

test('without it, nothing goes on', async () => {
  await using cluster = await startEtcd({ members: 3 });
  const [first] = cluster.members as [TestMember];
  const load = start({ endpoints: [first.endpoint] }, puts(), { isCleanedUp: false });
  await load.moreOk(50);
  await first.kill();
  await vi.waitFor(() => expect(load.counts.lost).toBeGreaterThan(100), WAIT);
  const { ok } = load.counts;
  await vi.waitFor(() => expect(load.counts.lost).toBeGreaterThan(400), WAIT);
  expect(load.counts.ok).toBe(ok);
  await load.end().catch(() => undefined);
});

test('another way to a member is kept while it stands, and not taken again', async () => {
  await using cluster = await startEtcd();
  await using proxy = await startTcpProxy(cluster.endpoints[0]!);
  const load = start({ endpoints: [`http://${proxy.address}`] }, puts(), { autoSyncMs: 100 });
  await load.goesTo(...cluster.endpoints);
  await load.moreOk(100);
  expect(proxy.connections).toBeGreaterThanOrEqual(4);
  proxy.cut();
  await load.moreOk(100);
  const { accepted } = proxy;
  proxy.heal();
  await load.moreOk(100);
  expect(proxy.accepted).toBe(accepted);
  await load.end();
});

test('a list that is of no use is told once; the load stays where it is', async () => {
  await using cluster = await startEtcd({ flags: { 'advertise-client-urls': 'https://127.0.0.1:1' } });
  const load = start({ endpoints: cluster.endpoints }, puts(), { autoSyncMs: 10 });
  const asked = async () => {
    const text = await (await fetch(`${cluster.endpoints[0]}/metrics`)).text();
    return Number(/^grpc_server_handled_total\{grpc_code="OK",grpc_method="MemberList".* (\d+)$/m.exec(text)?.[1]);
  };
  await vi.waitFor(async () => expect(await asked()).toBeGreaterThan(10), WAIT);
  await load.moreOk(50);
  const report = await load.end();
  expect(load.told).toEqual([
    `the load stays with ${cluster.endpoints[0]}: the member list can't be followed: no member advertises an http:// client URL`,
  ]);
  expect(report.series).toMatchObject([{ fail: 0, unknown: 0 }]);
});
