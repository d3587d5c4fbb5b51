import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { InputError } from '../errors/index.ts';
import { putWork, recordedPuts, startEtcd, startTcpProxy, type TestCluster } from '../testing/index.ts';
import { WireClient } from '../wire/index.ts';
import { type LoadEngineOptions, openLoadEngine } from './load-engine.ts';
import type { LoadPlan } from './load-plan.ts';

const PLAN: LoadPlan = {
  pace: { kind: 'closed' },
  end: { kind: 'total', requests: 1000 },
  warmupMs: 0,
  connections: 4,
  clients: 20,
  maxInFlight: 1000,
  timeoutMs: 10_000,
  threads: 1,
  seed: 1,
};
const NEVER = new AbortController().signal;
const WAIT = { timeout: 30_000, interval: 10 };

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startEtcd();
});
afterAll(() => cluster.stop());

/** Makes the load, and gives its figures and phases. */
async function run(
  plan: Partial<LoadPlan>,
  work: LoadEngineOptions['work'],
  signal = NEVER,
  access = cluster as LoadEngineOptions['access'],
) {
  await using engine = openLoadEngine({ access, plan: { ...PLAN, ...plan }, work });
  await engine.prepare(NEVER);
  const phases: string[] = [];
  await engine.run(signal, (phase) => phases.push(phase));
  const figures = await engine.take();
  const [{ ok, fail, unknown, latency }] = figures.series as [(typeof figures.series)[number]];
  return { ...figures, phases, ok, fail, unknown, latency };
}

async function keysOf(prefix: string): Promise<string[]> {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const { kvs } = await client.range(prefix, { prefix: true, keysOnly: true });
  return kvs.map(({ key }) => key.toString());
}

function numberedKeys(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${prefix}${String(number).padStart(8, '0')}`);
}

test('a closed loop sends as many requests as it is told to; etcd has each of them', async () => {
  const figures = await run({}, putWork('closed/'));
  expect(figures).toMatchObject({ ok: 1000, fail: 0, unknown: 0, sent: 1000, inFlight: 0, errors: [], dropped: 0 });
  expect(figures).toMatchObject({ phases: ['measured', 'done'], counters: { acknowledged: 1000 } });
  expect(figures.latency.count).toBe(1000);
  expect(figures.lateness.count).toBe(0);
  expect(await keysOf('closed/')).toEqual(numberedKeys('closed/', 1000));
});

test('fewer callers than connections, and more than one request of each', async () => {
  expect(await run({ clients: 3, connections: 7 }, putWork('few/'))).toMatchObject({ ok: 1000, sent: 1000 });
});

test('threads share connections, callers and requests; their figures are one', async () => {
  const plan = { threads: 3, connections: 4, clients: 10, end: { kind: 'total', requests: 1001 } } as const;
  const figures = await run(plan, putWork('threads/'));
  expect(figures).toMatchObject({ ok: 1001, fail: 0, unknown: 0, sent: 1001, inFlight: 0 });
  expect(figures).toMatchObject({ phases: ['measured', 'done'], counters: { acknowledged: 1001 } });
  expect(figures.latency.count).toBe(1001);
  expect(figures.threadCpuMs).toBeGreaterThan(0);
  expect(await keysOf('threads/')).toEqual(numberedKeys('threads/', 1001));
});

test('an open loop over threads keeps the rate of all of them together', async () => {
  const plan = { threads: 2, pace: { kind: 'open', ratePerSec: 500 }, end: { kind: 'duration', ms: 1000 } } as const;
  const figures = await run(plan, putWork('open-threads/'));
  expect(figures.sent + figures.dropped).toBe(500);
  expect(figures.ok).toBe(figures.sent);
  expect(figures.lateness.count).toBe(figures.sent);
});

test('what the warm-up sent is not counted, but the operation hears of it', async () => {
  const puts = recordedPuts('warm/');
  const figures = await run({ warmupMs: 200, end: { kind: 'total', requests: 300 } }, puts);
  expect(figures).toMatchObject({ ok: 300, sent: 300, phases: ['measured', 'done'] });
  expect(puts.ok.size).toBeGreaterThan(300);
  expect(await keysOf('warm/')).toEqual([...puts.ok].sort());
  expect(figures.counters.acknowledged).toBeLessThan(puts.ok.size);
});

test('the clock ends a closed loop; what was sent by then is waited for', async () => {
  const puts = recordedPuts('clock/');
  const before = performance.now();
  const figures = await run({ end: { kind: 'duration', ms: 300 } }, puts);
  expect(performance.now() - before).toBeGreaterThanOrEqual(300);
  expect(figures.ok).toBe(figures.sent);
  expect(await keysOf('clock/')).toEqual([...puts.ok].sort());
});

test('an open loop sends what is due in its time, no more and no less', async () => {
  const plan = { pace: { kind: 'open', ratePerSec: 1000 }, warmupMs: 100, end: { kind: 'duration', ms: 500 } } as const;
  const figures = await run(plan, putWork('open/'));
  expect(figures.sent + figures.dropped).toBe(500);
  expect(figures.ok).toBe(figures.sent);
  expect(figures.lateness.count).toBe(figures.sent);
  expect(figures.lateness.percentile(0)).toBeGreaterThanOrEqual(0);
  const total = { ...plan, warmupMs: 0, end: { kind: 'total', requests: 123 } } as const;
  expect(await run(total, putWork('open-total/'))).toMatchObject({ ok: 123, sent: 123, dropped: 0 });
});

test('intervals add up to the whole', async () => {
  await using engine = openLoadEngine({
    access: cluster,
    plan: { ...PLAN, end: { kind: 'duration', ms: 500 } },
    work: putWork('intervals/'),
  });
  await engine.prepare(NEVER);
  let isOver = false;
  const running = engine
    .run(NEVER, () => {})
    .finally(() => {
      isOver = true;
    });
  let ok = 0;
  let intervals = 0;
  while (!isOver) {
    await sleep(50);
    ok += (await engine.take()).series[0]!.ok;
    intervals += 1;
  }
  await running;
  const last = await engine.take();
  expect(intervals).toBeGreaterThan(2);
  expect(last.counters.acknowledged).toBe(ok + last.series[0]!.ok);
});

test.each([1, 2])('an abort ends the load early and keeps what was measured (%i threads)', async (threads) => {
  const ending = new AbortController();
  const plan = { threads, end: { kind: 'duration', ms: 3_600_000 } } as const;
  await using engine = openLoadEngine({
    access: cluster,
    plan: { ...PLAN, ...plan },
    work: putWork(`abort${threads}/`),
  });
  await engine.prepare(NEVER);
  const running = engine.run(ending.signal, () => setTimeout(() => ending.abort(), 200));
  await running;
  const { series, sent, inFlight, counters } = await engine.take();
  expect(sent).toBeGreaterThan(0);
  expect(series[0]).toMatchObject({ ok: sent, fail: 0, unknown: 0 });
  expect(inFlight).toBe(0);
  expect(await keysOf(`abort${threads}/`)).toHaveLength(counters.acknowledged!);
});

test('over TLS, with worker threads', async () => {
  await using secured = await startEtcd({ tls: 'mutual' });
  const { ca, client } = secured.certificates!;
  const access = { endpoints: secured.endpoints, tls: { ca, cert: client.cert, key: client.key } };
  expect(await run({ threads: 2 }, putWork('tls/'), NEVER, access)).toMatchObject({ ok: 1000 });
  await expect(run({}, putWork('tls/'), NEVER, { endpoints: secured.endpoints })).rejects.toThrow(/certificate/);
});

test('no member answers: preparing fails and says so', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  proxy.cut();
  const access = { endpoints: [`http://${proxy.address}`] };
  for (const threads of [1, 2])
    await expect(run({ threads }, putWork(''), NEVER, access)).rejects.toThrow(/no etcd answers/);
});

test('preparing can be given up; nothing stays open', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  // Whatever was connected gets no answer: preparing does not end by itself.
  proxy.blackhole();
  const access = { endpoints: [`http://${proxy.address}`] };
  const engine = openLoadEngine({ access, plan: PLAN, work: putWork('') });
  const ending = new AbortController();
  const preparing = engine.prepare(ending.signal);
  await vi.waitFor(() => expect(proxy.connections).toBe(PLAN.connections), WAIT);
  ending.abort(new Error('given up'));
  await expect(preparing).rejects.toThrow('given up');
  await vi.waitFor(() => expect(proxy.connections).toBe(0), WAIT);
  await engine[Symbol.asyncDispose]();
});

test('a delay in the network shows in the latency, and nowhere else', async () => {
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  const access = { endpoints: [`http://${proxy.address}`] };
  const plan = { pace: { kind: 'open', ratePerSec: 200 }, end: { kind: 'total', requests: 200 } } as const;
  const near = await run(plan, putWork('near/'), NEVER, access);
  proxy.delayMs(60);
  const far = await run(plan, putWork('far/'), NEVER, access);
  expect(far).toMatchObject({ ok: 200, dropped: 0 });
  for (const percent of [0, 10, 50]) {
    const nearMs = near.latency.percentile(percent) / 1e6;
    const farMs = far.latency.percentile(percent) / 1e6;
    // Timers are up to a millisecond early, and on a busy machine late: only the quickest request shows the delay alone.
    // If requests waited for each other's answers, all but a few would take seconds.
    expect(farMs).toBeGreaterThan(117);
    expect(farMs - nearMs).toBeLessThan(percent === 0 ? 160 : 1000);
  }
  expect(far.lateness.percentile(0) / 1e6).toBeLessThan(20);
});

test('a plan that makes no sense is refused', () => {
  const open = (plan: Partial<LoadPlan>) => () =>
    openLoadEngine({ access: cluster, plan: { ...PLAN, ...plan }, work: putWork('') });
  expect(open({ connections: 0 })).toThrow(InputError);
  expect(open({ threads: 5 })).toThrow(/5 threads.*4 connections/);
  expect(open({ threads: 3, clients: 2 })).toThrow(/3 threads.*2 clients/);
  expect(open({ pace: { kind: 'open', ratePerSec: 0 } })).toThrow(/rate/);
});
