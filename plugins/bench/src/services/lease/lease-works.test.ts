import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scrapeMember } from '@etcdperf/core/etcd';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { runsFolder, runWork } from '../../testing/run-work.ts';
import { type LeaseHoldReport, leaseHoldWork } from './lease-hold-work.ts';
import { leaseKeepaliveWork } from './lease-keepalive-work.ts';

const WAIT = { timeout: 30_000, interval: 20 };
const CLOSED = {
  pace: { kind: 'closed' },
  end: { kind: 'total', requests: 500 },
  warmupMs: 0,
  connections: 2,
  clients: 10,
  maxInFlight: 10,
  timeoutMs: 10_000,
  threads: 1,
  seed: 1,
} as const;

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
const leaseCount = async () => (await client.leases()).ids.length;
beforeEach(async () => expect(await leaseCount()).toBe(0));

async function renewed(): Promise<number> {
  const metrics = await scrapeMember({ endpoints: cluster.endpoints }, cluster.endpoints[0]!);
  return metrics.value('etcd_debugging_lease_renewed_total')!;
}

test.each([
  { streams: 'call', threads: 1 },
  { streams: 'call', threads: 2 },
  { streams: 'shared', threads: 1 },
] as const)('keepalives: etcd renewed as often as was counted ($streams, threads: $threads)', async (more) => {
  const before = await renewed();
  const plan = { ...CLOSED, threads: more.threads };
  const work = leaseKeepaliveWork({ leases: 7, ttlSeconds: 60, streams: more.streams, plan });
  const report = await runWork(cluster, runs.path, work, { plan });
  expect(report.series).toMatchObject([{ name: 'keepalive', ok: 500, fail: 0, unknown: 0 }]);
  expect(report.counters).toEqual({ keepalivesOfGoneLeases: 0 });
  expect(report.leases).toEqual({ count: 7, askedTtlSeconds: 60, grantedTtlSeconds: 60, revoked: 7 });
  expect((await renewed()) - before).toBe(500);
  expect(await leaseCount()).toBe(0);
  expect(JSON.parse(await readFile(join(report.runFolder, 'result.json'), 'utf8')).leases).toEqual(report.leases);
});

test('keepalives: a TTL that etcd raised is told', async () => {
  const work = leaseKeepaliveWork({ leases: 1, ttlSeconds: 1, streams: 'call', plan: CLOSED });
  const report = await runWork(cluster, runs.path, work, { plan: CLOSED });
  expect(report.leases).toMatchObject({ askedTtlSeconds: 1, grantedTtlSeconds: 2 });
  expect(report.told.map(({ kind }) => kind)).toContain('ttl-differs');
});

test('keepalives: a rate at which the leases would run out is refused', () => {
  const plan = { ...CLOSED, pace: { kind: 'open', ratePerSec: 10 } } as const;
  const options = { leases: 600, ttlSeconds: 60, streams: 'call', plan } as const;
  expect(() => leaseKeepaliveWork(options)).toThrow('every 60 s only');
  expect(() => leaseKeepaliveWork({ ...options, leases: 599 })).not.toThrow();
});

const hold = { count: 100, ttlSeconds: 2, holdMs: 200, streams: 4, end: 'expire', keys: undefined } as const;
const grants = { pace: { kind: 'open', ratePerSec: 1000 }, end: { kind: 'total', requests: 100 } } as const;

test('held leases: what became of them, also in the run folder', async () => {
  const report: LeaseHoldReport = await runWork(cluster, runs.path, leaseHoldWork(hold), { plan: grants });
  expect(report).toMatchObject({ ending: { kind: 'complete' }, drainMs: 0 });
  expect(report.leases).toMatchObject({
    asked: 100,
    grantedTtlSeconds: 2,
    granted: 100,
    lost: 0,
    ended: 100,
    left: 0,
    expiry: { leases: 100, left: 0 },
  });
  expect(Object.keys(report.leases!.phasesMs)).toEqual(['grant', 'hold', 'end']);
  // Over the time that grants took, not over all of the run.
  const grantMs = report.leases!.phasesMs.grant!;
  expect(report.series.find(({ name }) => name === 'grant')!.perSec).toBeCloseTo(100_000 / grantMs, 1);
  const lines = (await readFile(join(report.runFolder, 'backlog.jsonl'), 'utf8')).trim().split('\n');
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ due: 100, gone: 100, overdue: 0 });
  expect(await leaseCount()).toBe(0);
});

test.each([
  { isCleanedUp: true, remaining: 0 },
  { isCleanedUp: false, remaining: 100 },
])('held leases: Ctrl-C, cleaned up: $isCleanedUp', async ({ isCleanedUp, remaining }) => {
  const abort = new AbortController();
  const work = leaseHoldWork({ ...hold, ttlSeconds: 30, holdMs: 3_600_000 });
  const running = runWork(cluster, runs.path, work, { plan: grants, signal: abort.signal, isCleanedUp });
  await vi.waitFor(async () => expect(await leaseCount()).toBe(100), WAIT);
  abort.abort();
  const report = await running;
  expect(report.ending).toEqual({ kind: 'interrupted' });
  expect(report.leases).toMatchObject({ granted: 100, left: 100, ended: 0 });
  expect(await leaseCount()).toBe(remaining);
  for (const id of (await client.leases()).ids) await client.leaseRevoke(id);
});

test('held leases over mutual TLS', async () => {
  await using guarded = await startEtcd({ tls: 'mutual' });
  const { ca, client: own } = guarded.certificates!;
  const access = { endpoints: guarded.endpoints, tls: { ca, cert: own.cert, key: own.key } };
  const report: LeaseHoldReport = await runWork(access, runs.path, leaseHoldWork(hold), { plan: grants });
  expect(report.leases).toMatchObject({ granted: 100, lost: 0, ended: 100, expiry: { seenBy: 'metrics' } });
});

test('held leases and keepalives of a user', async () => {
  await using guarded = await startEtcd();
  const post = async (path: string, body: object) => {
    const response = await fetch(`${guarded.endpoints[0]}/v3/auth/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  };
  await post('user/add', { name: 'root', password: 'right' });
  await post('role/add', { name: 'root' });
  await post('user/grant', { user: 'root', role: 'root' });
  await post('enable', {});
  const access = { endpoints: guarded.endpoints, auth: { user: 'root', password: 'right' } };
  const keys = { prefix: 'held/', digits: 8, size: 100 };
  const held: LeaseHoldReport = await runWork(access, runs.path, leaseHoldWork({ ...hold, keys }), { plan: grants });
  expect(held.leases).toMatchObject({ granted: 100, lost: 0, ended: 100 });
  const work = leaseKeepaliveWork({ leases: 5, ttlSeconds: 60, streams: 'call', plan: CLOSED });
  const kept = await runWork(access, runs.path, work, { plan: CLOSED });
  expect(kept).toMatchObject({ series: [{ ok: 500, fail: 0 }], leases: { revoked: 5 } });
});
