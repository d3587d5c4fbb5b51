import { Etcd3 } from 'etcd3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { recordedPuts, startEtcd, startTcpProxy, type TestCluster } from '../testing/index.ts';
import { Method, ProtoWriter, RequestTemplate, WireClient, writeRange } from '../wire/index.ts';
import { type LoadEngineOptions, openLoadEngine } from './load-engine.ts';
import type { LoadOperation } from './load-operation.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadFigures } from './load-source.ts';

const PLAN: LoadPlan = {
  pace: { kind: 'closed' },
  end: { kind: 'duration', ms: 3_600_000 },
  warmupMs: 0,
  connections: 6,
  clients: 12,
  maxInFlight: 1000,
  timeoutMs: 5000,
  threads: 1,
  seed: 1,
};
const NEVER = new AbortController().signal;
const WAIT = { timeout: 40_000, interval: 10 };

let single: TestCluster;
beforeAll(async () => {
  single = await startEtcd();
});
afterAll(() => single.stop());

/** A load that goes on until it is ended. */
async function start(
  plan: Partial<LoadPlan>,
  work: LoadEngineOptions['work'],
  endpoints = single.endpoints,
  auth?: { user: string; password: string },
) {
  const access = { endpoints, ...(auth && { auth }) };
  const engine = openLoadEngine({ access, plan: { ...PLAN, ...plan }, work });
  await engine.prepare(NEVER);
  const ending = new AbortController();
  const over = engine.run(ending.signal, () => {});
  over.catch(() => {});
  const figures = async () => {
    const taken = await engine.take();
    await engine[Symbol.asyncDispose]();
    return withTotals(taken);
  };
  return {
    over,
    /** Ends it, unless it has ended, and gives all that was counted. */
    async end() {
      ending.abort();
      await over;
      return figures();
    },
    figures,
  };
}

function withTotals(figures: LoadFigures) {
  const { ok, fail, unknown, latency } = figures.series[0]!;
  return { ...figures, ok, fail, unknown, latency };
}

/** After the load: etcd holds all that it acknowledged, and besides at most what is in doubt. */
async function expectTruth(puts: ReturnType<typeof recordedPuts>, prefix: string, endpoints = single.endpoints) {
  await using client = await WireClient.connect({ endpoints });
  const { kvs } = await client.range(prefix, { prefix: true, keysOnly: true });
  const held = new Set(kvs.map(({ key }) => key.toString()));
  expect([...puts.ok].filter((key) => !held.has(key))).toEqual([]);
  expect([...held].filter((key) => !puts.ok.has(key) && !puts.unknown.has(key))).toEqual([]);
}

const moreThan = (keys: ReadonlySet<string>, count: number) =>
  vi.waitFor(() => expect(keys.size).toBeGreaterThan(count), WAIT);

test('the leader is killed in the middle: what was lost is in doubt, the rest goes on, and the pause is seen', async () => {
  await using cluster = await startEtcd({ members: 3 });
  const puts = recordedPuts('leader/');
  const load = await start({ timeoutMs: 1500 }, puts, cluster.endpoints);
  await moreThan(puts.ok, 500);
  const leader = await cluster.leader();
  await leader.kill();
  const killedAt = performance.now();
  const before = puts.ok.size;
  await moreThan(puts.ok, before + 100);
  const goneMs = performance.now() - killedAt;
  await moreThan(puts.ok, before + 1000);
  const figures = await load.end();
  expect(figures.unknown).toBeGreaterThan(0);
  expect(figures.unknown).toBe(puts.unknown.size);
  expect(figures.ok).toBe(puts.ok.size);
  // Nothing was written for a while: somebody waited through it and was answered, or gave up waiting.
  const hasGivenUp = figures.errors.some(({ message }) => message === 'no answer within 1500 ms');
  const longestMs = Math.max(figures.latency.percentile(100) / 1e6, hasGivenUp ? 1500 : 0);
  expect(longestMs).toBeGreaterThan(Math.min(goneMs * 0.5, 500));
  expect(figures.errors.reduce((sum, { count }) => sum + count, 0)).toBe(figures.fail + figures.unknown);
  const rest = cluster.members.filter((member) => member !== leader).map((member) => member.endpoint);
  await expectTruth(puts, 'leader/', rest);
});

test('all members are gone for a while: callers give up in time, nobody hammers, and it goes on afterwards', async () => {
  await using cluster = await startEtcd();
  const puts = recordedPuts('gone/');
  const load = await start({ timeoutMs: 400 }, puts, cluster.endpoints);
  await moreThan(puts.ok, 500);
  const killedAt = performance.now();
  await cluster.members[0]!.kill();
  const before = puts.ok.size;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await cluster.members[0]!.restart();
  await moreThan(puts.ok, before + 500);
  const goneMs = performance.now() - killedAt;
  const figures = await load.end();
  expect(figures.ok).toBe(puts.ok.size);
  const unsent = figures.errors.filter(({ message }) => message.startsWith('not sent within 400 ms'));
  expect(unsent.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(PLAN.clients);
  // 12 callers who give up every 400 ms.
  expect(figures.fail).toBeLessThanOrEqual(PLAN.clients * Math.ceil(goneMs / 400));
  await expectTruth(puts, 'gone/', cluster.endpoints);
});

test('an open loop drops what nobody waits for any more, and keeps its rate afterwards', async () => {
  await using cluster = await startEtcd();
  const puts = recordedPuts('dropped/');
  const load = await start({ pace: { kind: 'open', ratePerSec: 200 }, timeoutMs: 300 }, puts, cluster.endpoints);
  await moreThan(puts.ok, 50);
  await cluster.members[0]!.kill();
  const before = puts.ok.size;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await cluster.members[0]!.restart();
  await moreThan(puts.ok, before + 100);
  const figures = await load.end();
  expect(figures.dropped).toBeGreaterThan(50);
  expect(figures.ok + figures.fail + figures.unknown).toBe(figures.sent);
  expect(figures.late).toBeGreaterThan(0);
  await expectTruth(puts, 'dropped/', cluster.endpoints);
});

test('a stalled etcd shows as long as it was, although few requests may be in flight', async () => {
  await using cluster = await startEtcd();
  const [member] = cluster.members;
  const puts = recordedPuts('stall/');
  const plan = {
    pace: { kind: 'open', ratePerSec: 500 },
    end: { kind: 'duration', ms: 3000 },
    maxInFlight: 20,
  } as const;
  const load = await start(plan, puts, cluster.endpoints);
  await moreThan(puts.ok, 500);
  member!.pause();
  const pausedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  member!.resume();
  const pausedMs = performance.now() - pausedAt;
  await load.over;
  const figures = await load.figures();
  expect(figures).toMatchObject({ sent: 1500, ok: 1500, dropped: 0 });
  expect(figures.latency.percentile(100) / 1e6).toBeGreaterThan(pausedMs - 50);
  // A third of all requests were due meanwhile: each hundredth of the time shows.
  expect(figures.latency.percentile(99) / 1e6).toBeGreaterThan(pausedMs * 0.9);
  expect(figures.latency.percentile(85) / 1e6).toBeGreaterThan(pausedMs * 0.4);
  expect(figures.late).toBeGreaterThan(300);
});

test.each([{ kind: 'closed' }, { kind: 'open', ratePerSec: 100 }] as const)(
  'a load ($kind loop) whose last requests are never answered ends all the same',
  async (pace) => {
    await using cluster = await startEtcd();
    const puts = recordedPuts('last/');
    const onOutcome: LoadOperation['onOutcome'] = (...args) => {
      puts.operation.onOutcome?.(...args);
      // At once: a test that looked for it now and then might find the load over.
      if (puts.ok.size === 6) cluster.members[0]!.pause();
    };
    const work = { ...puts, operation: { ...puts.operation, onOutcome } };
    const load = await start({ pace, end: { kind: 'duration', ms: 1000 }, timeoutMs: 400 }, work, cluster.endpoints);
    await load.over;
    const figures = await load.figures();
    cluster.members[0]!.resume();
    expect(figures.unknown).toBeGreaterThan(0);
    expect(figures).toMatchObject({ inFlight: 0, sent: figures.ok + figures.fail + figures.unknown });
    await vi.waitFor(() => expectTruth(puts, 'last/', cluster.endpoints), WAIT);
  },
);

test('connections are reset: requests on the way are in doubt, and callers come back', async () => {
  await using proxy = await startTcpProxy(single.members[0]!.clientPort);
  const puts = recordedPuts('reset/');
  const load = await start({}, puts, [`http://${proxy.address}`]);
  await moreThan(puts.ok, 300);
  const before = puts.ok.size;
  proxy.cut();
  proxy.heal();
  await moreThan(puts.ok, before + 300);
  const figures = await load.end();
  expect(figures.unknown + figures.fail).toBeGreaterThan(0);
  expect(figures.unknown + figures.fail).toBeLessThanOrEqual(2 * PLAN.clients);
  await expectTruth(puts, 'reset/');
});

test('a connection comes back to its own endpoint where it can, else to another', async () => {
  await using first = await startTcpProxy(single.members[0]!.clientPort);
  await using second = await startTcpProxy(single.members[0]!.clientPort);
  const puts = recordedPuts('home/');
  const load = await start({ connections: 2 }, puts, [`http://${first.address}`, `http://${second.address}`]);
  expect([first.connections, second.connections]).toEqual([1, 1]);
  const expectOpen = (onFirst: number, onSecond: number) =>
    vi.waitFor(async () => {
      expect([first.connections, second.connections]).toEqual([onFirst, onSecond]);
      const before = puts.ok.size;
      await moreThan(puts.ok, before);
    }, WAIT);
  first.cut();
  await expectOpen(0, 2);
  first.heal();
  second.cut();
  second.heal();
  await expectOpen(1, 1);
  await load.end();
  await expectTruth(puts, 'home/');
});

test('a line that swallows everything: requests are given up in time', async () => {
  await using proxy = await startTcpProxy(single.members[0]!.clientPort);
  const puts = recordedPuts('swallow/');
  const load = await start({ timeoutMs: 300 }, puts, [`http://${proxy.address}`]);
  await moreThan(puts.ok, 300);
  proxy.blackhole();
  await moreThan(puts.unknown, PLAN.clients);
  proxy.heal();
  const before = puts.ok.size;
  await moreThan(puts.ok, before + 300);
  const figures = await load.end();
  expect(figures.errors.map(({ message }) => message)).toContain('no answer within 300 ms');
  expect(figures.latency.percentile(100) / 1e6).toBeLessThan(600);
  await expectTruth(puts, 'swallow/');
});

test('the quota is used up in the middle: the load ends, says why, and keeps what it has', async () => {
  await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': 3_000_000 } });
  const puts = recordedPuts('quota/', 8000);
  const load = await start({}, puts, cluster.endpoints);
  await expect(load.over).rejects.toThrow(/etcd takes no more writes.*database space exceeded/);
  const figures = await load.figures();
  expect(figures.ok).toBeGreaterThan(50);
  expect(figures.ok).toBe(puts.ok.size);
  expect(figures.inFlight).toBe(0);
  await expectTruth(puts, 'quota/', cluster.endpoints);
});

test('answers of 8 MB, through a line that takes its time', async () => {
  await using cluster = await startEtcd();
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  for (let part = 0; part < 8; part += 1) await client.put(`large/${part}`, Buffer.alloc(1_050_000, 'v'));
  await using proxy = await startTcpProxy(cluster.members[0]!.clientPort);
  proxy.delayMs(2);
  const writer = new ProtoWriter();
  writeRange(writer, { key: 'large/', prefix: true });
  const request = { template: new RequestTemplate(Method.range, writer.finish(), 0), kind: 0 };
  const lengths: number[] = [];
  const ranges = {
    kind: 'instance',
    operation: {
      kinds: [{ name: 'range', isWrite: false }],
      next: () => request,
      fill: () => {},
      onMessage: (_kind: number, _sequence: number, _bytes: Buffer, start: number, end: number) =>
        void lengths.push(end - start),
    },
  } as const;
  const plan = { end: { kind: 'total', requests: 12 }, connections: 2, clients: 4, timeoutMs: 60_000 } as const;
  const load = await start(plan, ranges, [`http://${proxy.address}`]);
  await load.over;
  expect(await load.figures()).toMatchObject({ ok: 12, fail: 0, unknown: 0 });
  expect(lengths).toHaveLength(12);
  expect(Math.min(...lengths)).toBeGreaterThan(8_400_000);
});

/** A cluster with a user root, and a user who may only write `mine/`. */
async function startGuarded() {
  const cluster = await startEtcd();
  const etcd = new Etcd3({ hosts: cluster.endpoints });
  const root = { user: 'root', password: 'secret' };
  const limited = { user: 'limited', password: 'little' };
  await etcd.auth.roleAdd({ name: 'root' });
  await etcd.auth.roleAdd({ name: 'mine' });
  const key = Buffer.from('mine/');
  await etcd.auth.roleGrantPermission({
    name: 'mine',
    perm: { permType: 'Write', key, range_end: Buffer.from('mine0') },
  });
  for (const { user, password } of [root, limited]) await etcd.auth.userAdd({ name: user, password });
  await etcd.auth.userGrantRole({ user: 'root', role: 'root' });
  await etcd.auth.userGrantRole({ user: 'limited', role: 'mine' });
  await etcd.auth.authEnable();
  etcd.close();
  return { cluster, root, limited };
}

test('logins: a wrong password is told at once, forbidden work ends, and a stale token is renewed', async () => {
  const { cluster, root, limited } = await startGuarded();
  await using _ = cluster;
  const { endpoints } = cluster;
  await expect(start({}, recordedPuts('no/'), endpoints, { ...root, password: 'wrong' })).rejects.toThrow(/auth/);

  const forbidden = await start({}, recordedPuts('theirs/'), endpoints, limited);
  await expect(forbidden.over).rejects.toThrow(/etcd refuses the work.*permission denied/);
  expect((await forbidden.figures()).ok).toBe(0);

  const puts = recordedPuts('mine/');
  const load = await start({}, puts, endpoints, limited);
  await moreThan(puts.ok, 300);
  // The password stays the same, but tokens that were given for it are no longer good.
  const etcd = new Etcd3({ hosts: endpoints, auth: { username: root.user, password: root.password } });
  await etcd.auth.userChangePassword({ name: limited.user, password: limited.password });
  etcd.close();
  await vi.waitFor(() => expect(puts.fail.size).toBeGreaterThan(0), WAIT);
  const before = puts.ok.size;
  await moreThan(puts.ok, before + 300);
  const figures = await load.end();
  for (const { message, outcome } of figures.errors) {
    expect(message).toMatch(/invalid auth token|revision of auth store is old/);
    expect(outcome).toBe('fail');
  }
});
