import { chooseLeaseIds, LeaseLedger, LeaseState, revokeLeases } from '@etcdperf/core/leases';
import { type LoadPhase, type LoadPlan, Series } from '@etcdperf/core/load';
import { startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { LiveEndpoints, WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { BacklogSample } from './backlog.ts';
import { type LeaseHoldOptions, LeaseHoldSource } from './lease-hold-source.ts';

const WAIT = { timeout: 30_000, interval: 20 };
const KEYS = { prefix: 'held/', digits: 8, size: 1000 };

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
beforeEach(async () => expect((await client.leases()).ids).toHaveLength(0));

function hold(
  options: Partial<LeaseHoldOptions>,
  { endpoints, metricsOf, ratePerSec }: { endpoints?: string[]; metricsOf?: string[]; ratePerSec?: number } = {},
) {
  const all: LeaseHoldOptions = {
    count: 200,
    ttlSeconds: 2,
    holdMs: 0,
    streams: 6,
    end: 'expire',
    keys: undefined,
    ...options,
  };
  const plan: LoadPlan = {
    pace: { kind: 'open', ratePerSec: ratePerSec ?? 2000 },
    end: { kind: 'total', requests: all.count },
    warmupMs: 0,
    connections: 3,
    clients: 3,
    maxInFlight: 100,
    timeoutMs: 5000,
    threads: 1,
    seed: 1,
  };
  const ledger = new LeaseLedger(chooseLeaseIds(all.count));
  const backlog: BacklogSample[] = [];
  const source = new LeaseHoldSource({
    access: { endpoints: endpoints ?? cluster.endpoints },
    cluster: { endpoints: metricsOf ?? cluster.endpoints },
    plan,
    options: all,
    ledger,
    onStep: () => undefined,
    onBacklog: (sample) => void backlog.push(sample),
  });
  const phases: LoadPhase[] = [];
  const abort = new AbortController();
  const run = async () => {
    await source.prepare(abort.signal);
    await source.run(abort.signal, (phase) => void phases.push(phase));
    const figures = await source.take();
    const byName = new Map<string, Series>();
    for (const series of figures.series) {
      const sum = byName.get(series.name) ?? new Series(series.name);
      sum.merge(series);
      byName.set(series.name, sum);
    }
    return { ...figures, series: Object.fromEntries(byName) };
  };
  return { source, ledger, backlog, phases, abort, run };
}

test('leases live for longer than their TTL, and then run out; how late is seen by probes', async () => {
  const { source, ledger, backlog, phases, run } = hold({ ttlSeconds: 3, holdMs: 4500 });
  const { series, counters, errors } = await run();
  expect(phases).toEqual(['measured', 'done']);
  expect(series.grant).toMatchObject({ ok: 200, fail: 0, unknown: 0 });
  // Every second, over more than 4.5 s.
  expect(series.keepalive!.ok).toBeGreaterThanOrEqual(200 * 3);
  expect(counters).toMatchObject({ leasesLost: 0, streamBreaks: 0 });
  expect(errors).toEqual([]);
  expect(ledger.count(LeaseState.gone)).toBe(200);
  expect((await client.leases()).ids).toHaveLength(0);
  expect(source.expiry).toMatchObject({ leases: 200, left: 0, seenBy: 'metrics' });
  const { firstDueMs, lastDueMs, lastGoneMs } = source.expiry!;
  expect(firstDueMs).toBeLessThanOrEqual(lastDueMs);
  expect(lastGoneMs).toBeGreaterThanOrEqual(lastDueMs);
  // The time runs from etcd's answer, so none can be gone before it is over.
  expect(series.expiry!.ok).toBeGreaterThan(0);
  expect(series.expiry!.latency.percentile(0)).toBeGreaterThanOrEqual(0);
  expect(backlog.at(-1)).toMatchObject({ due: 200, gone: 200, overdue: 0 });
  await source[Symbol.asyncDispose]();
});

test('with keys attached, the end of every single lease is seen', async () => {
  // None may run out before all have their keys, on a slow machine neither.
  const { source, run } = hold({ keys: KEYS, ttlSeconds: 5 });
  const { series } = await run();
  expect(series.attach).toMatchObject({ ok: 200, fail: 0, unknown: 0 });
  expect(series.expiry!.ok).toBe(200);
  expect(series.expiry!.latency.percentile(0)).toBeGreaterThanOrEqual(0);
  expect((await client.range('held/', { prefix: true })).count).toBe(0);
  expect(source.durationsMs).toMatchObject({ grant: expect.any(Number), attach: expect.any(Number) });
  await source[Symbol.asyncDispose]();
});

test('where members don’t show their metrics, lists of all leases tell', async () => {
  const { source, backlog, run } = hold({}, { metricsOf: ['http://127.0.0.1:1'] });
  const { series } = await run();
  expect(source.expiry).toMatchObject({ leases: 200, left: 0, seenBy: 'lease list' });
  expect(source.expiry!.lastGoneMs).toBeGreaterThanOrEqual(source.expiry!.lastDueMs);
  expect(series.expiry!.ok).toBeGreaterThan(0);
  expect(backlog.at(-1)).toMatchObject({ gone: 200, overdue: 0 });
  await source[Symbol.asyncDispose]();
});

test('revoked one by one, none of them lost on the way', async () => {
  const { source, ledger, run } = hold({ end: 'revoke', keys: KEYS, ttlSeconds: 60 });
  const { series, counters } = await run();
  expect(series.revoke).toMatchObject({ ok: 200, fail: 0, unknown: 0 });
  expect(counters).toMatchObject({ leasesLost: 0, leasesHeld: 0 });
  expect(ledger.count(LeaseState.gone)).toBe(200);
  expect((await client.leases()).ids).toHaveLength(0);
  await source[Symbol.asyncDispose]();
});

test('interrupted while they are held: it ends at once, and says what may be left', async () => {
  const { source, ledger, abort, run } = hold({ holdMs: 3_600_000, ttlSeconds: 60 });
  const done = run();
  await vi.waitFor(() => expect(ledger.count(LeaseState.held)).toBe(200), WAIT);
  abort.abort();
  await done;
  expect(ledger.existingCount).toBe(200);
  expect(source.expiry).toBeUndefined();
  await source[Symbol.asyncDispose]();
  expect(await revokeLeases(client, ledger.ids)).toBe(200);
});

test('a connection that breaks costs no lease', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const { source, ledger, abort, run } = hold(
    { holdMs: 3_600_000, ttlSeconds: 10 },
    { endpoints: [`http://${proxy.address}`] },
  );
  const done = run();
  await vi.waitFor(() => expect(ledger.count(LeaseState.held)).toBe(200), WAIT);
  proxy.cut();
  proxy.heal();
  await vi.waitFor(async () => expect((await source.take()).counters.streamBreaks).toBe(6), WAIT);
  // Each has been kept alive again since.
  const brokenAt = performance.now();
  const kept = () =>
    Array.from({ length: 200 }, (_, number) => ledger.dueAt(number)).every((at) => at > brokenAt + 10_000);
  await vi.waitFor(() => expect(kept()).toBe(true), WAIT);
  expect(ledger.count(LeaseState.held)).toBe(200);
  abort.abort();
  const { counters } = await done;
  expect(counters).toMatchObject({ leasesLost: 0 });
  await source[Symbol.asyncDispose]();
  expect(await revokeLeases(client, ledger.ids)).toBe(200);
});

test('a member that is left, though it answers, costs no lease', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const endpoints = new LiveEndpoints([`http://${proxy.address}`]);
  const { source, ledger, abort, run } = hold({ holdMs: 3_600_000, ttlSeconds: 6 }, { endpoints });
  const done = run();
  await vi.waitFor(() => expect(ledger.count(LeaseState.held)).toBe(200), WAIT);
  const keptSince = (at: number) =>
    vi.waitFor(
      () =>
        expect(Math.min(...Array.from({ length: 200 }, (_, number) => ledger.dueAt(number)))).toBeGreaterThan(
          at + 6000,
        ),
      WAIT,
    );
  // All streams have something to leave.
  await keptSince(performance.now());
  const [gone] = endpoints;
  endpoints.replace(cluster.endpoints, [gone!]);
  // Keepalives, too, have nothing more to do with it.
  await vi.waitFor(() => expect(proxy.connections).toBe(0), WAIT);
  await keptSince(performance.now());
  abort.abort();
  const { counters, errors } = await done;
  expect(counters).toMatchObject({ leasesLost: 0, leasesHeld: 200, streamBreaks: 0 });
  expect(errors).toEqual([]);
  await source[Symbol.asyncDispose]();
  expect(await revokeLeases(client, ledger.ids)).toBe(200);
});

test('a lease that somebody else ends is told as lost', async () => {
  const { source, ledger, abort, run } = hold({ holdMs: 3_600_000, ttlSeconds: 6 });
  const done = run();
  await vi.waitFor(() => expect(ledger.count(LeaseState.held)).toBe(200), WAIT);
  await client.leaseRevoke(BigInt(ledger.idOf(17)));
  await vi.waitFor(() => expect(ledger.state(17)).toBe(LeaseState.lost), WAIT);
  abort.abort();
  const { counters, series, errors } = await done;
  expect(counters).toMatchObject({ leasesLost: 1, leasesHeld: 199 });
  expect(series.keepalive!.fail).toBe(1);
  expect(errors).toEqual([{ message: 'the lease is gone: it ran out', outcome: 'fail', count: 1 }]);
  await source[Symbol.asyncDispose]();
  expect(await revokeLeases(client, ledger.ids)).toBe(199);
});

test('etcd stands still for longer than the TTL: all are lost, and told', async () => {
  const { source, ledger, abort, run } = hold({ holdMs: 3_600_000, ttlSeconds: 2 });
  const done = run();
  await vi.waitFor(() => expect(ledger.count(LeaseState.held)).toBe(200), WAIT);
  const [member] = cluster.members;
  member!.pause();
  // The last answer is older than the TTL.
  const isOver = () =>
    performance.now() > Math.max(...Array.from({ length: 200 }, (_, number) => ledger.dueAt(number)));
  await vi.waitFor(() => expect(isOver()).toBe(true), WAIT);
  member!.resume();
  await vi.waitFor(() => expect(ledger.count(LeaseState.lost)).toBe(200), WAIT);
  abort.abort();
  const { counters, series } = await done;
  expect(counters).toMatchObject({ leasesLost: 200, leasesHeld: 0 });
  expect(series.keepalive!.fail).toBe(200);
  await source[Symbol.asyncDispose]();
  await vi.waitFor(async () => expect((await client.leases()).ids).toHaveLength(0), WAIT);
});

test('the leader is killed: no lease is lost', async () => {
  await using three = await startEtcd({ members: 3 });
  const { source, ledger, abort, run } = hold(
    { holdMs: 3_600_000, ttlSeconds: 9 },
    { endpoints: three.endpoints, ratePerSec: 500 },
  );
  const done = run();
  await vi.waitFor(() => expect(ledger.count(LeaseState.held)).toBe(200), WAIT);
  const leader = await three.leader();
  await leader.kill();
  const killedAt = performance.now();
  // Kept alive by the new leader, all of them.
  const kept = () =>
    Array.from({ length: 200 }, (_, number) => ledger.dueAt(number)).every((at) => at > killedAt + 9000);
  await vi.waitFor(() => expect(kept()).toBe(true), WAIT);
  abort.abort();
  const { counters } = await done;
  expect(counters).toMatchObject({ leasesLost: 0, leasesHeld: 200 });
  await source[Symbol.asyncDispose]();
});
