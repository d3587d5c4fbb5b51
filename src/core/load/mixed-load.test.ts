import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { recordedPuts, startEtcd, startTcpProxy, type TestCluster } from '../testing/index.ts';
import { Method, ProtoWriter, RequestTemplate, WireClient, writeRange } from '../wire/index.ts';
import type { LoadOperation } from './load-operation.ts';
import type { LoadFigures } from './load-source.ts';
import type { LoadPart, MixedLoadOptions } from './mixed-load.ts';
import { openMixedLoad } from './open-mixed-load.ts';

const PLAN: MixedLoadOptions['plan'] = {
  end: { kind: 'open' },
  warmupMs: 0,
  connections: 3,
  maxInFlight: 1000,
  timeoutMs: 5000,
  seed: 1,
};
const NEVER = new AbortController().signal;
const WAIT = { timeout: 40_000, interval: 10 };

let single: TestCluster;
let client: WireClient;
beforeAll(async () => {
  single = await startEtcd();
  client = await WireClient.connect({ endpoints: single.endpoints });
});
afterAll(async () => {
  await client.close();
  await single.stop();
});

/** A load that goes on until it is ended. */
async function start(options: Partial<Omit<MixedLoadOptions, 'plan'>> & Partial<MixedLoadOptions['plan']>) {
  const plan = { ...PLAN, ...options };
  const load = openMixedLoad({ access: { endpoints: single.endpoints }, parts: [], ...options, plan });
  await load.prepare(NEVER);
  const ending = new AbortController();
  const over = load.run(ending.signal, () => {});
  over.catch(() => {});
  const figures = async () => {
    await over;
    const taken = await load.take();
    await load[Symbol.asyncDispose]();
    return bySeries(taken);
  };
  return {
    figures,
    end: () => {
      ending.abort();
      return figures();
    },
  };
}

function bySeries(figures: LoadFigures) {
  const named = (name: string) => figures.series.find((series) => series.name === name)!;
  return { ...figures, named };
}

/** Puts of ever new keys, as a part with a name of its own; the keys by the outcome of their puts. */
function puts(name: string, pace: LoadPart['pace']) {
  const recorded = recordedPuts(`${name}/`);
  const operation: LoadOperation = { ...recorded.operation, kinds: [{ name, isWrite: true }] };
  return { ...recorded, part: { pace, operation } satisfies LoadPart };
}

/** Reads of one key or of all that begin with it. */
function reads(name: string, key: string, pace: LoadPart['pace']) {
  const writer = new ProtoWriter();
  writeRange(writer, { key, prefix: true });
  const request = { template: new RequestTemplate(Method.range, writer.finish(), 0), kind: 0 };
  let bytesRead = 0;
  const operation: LoadOperation = {
    kinds: [{ name, isWrite: false }],
    next: () => request,
    fill: () => {},
    onMessage: (_kind, _sequence, _bytes, from, to) => {
      bytesRead += to - from;
    },
    counters: () => ({ bytesRead }),
  };
  return { operation, pace } satisfies LoadPart;
}

const keysIn = async (prefix: string, from = client) =>
  new Set((await from.range(prefix, { prefix: true, keysOnly: true })).kvs.map(({ key }) => key.toString()));
const moreThan = (keys: ReadonlySet<string>, count: number) =>
  vi.waitFor(() => expect(keys.size).toBeGreaterThan(count), WAIT);

test('each part holds its own rate, and etcd holds what each of them counted', async () => {
  const slow = puts('slow', { kind: 'open', ratePerSec: 50 });
  const fast = puts('fast', { kind: 'open', ratePerSec: 400 });
  // Its last request is due before the others' last: that ends nothing.
  const endless = { ...slow.part, goal: { hasNext: true, isDone: false } };
  const load = await start({ end: { kind: 'duration', ms: 2000 }, parts: [endless, fast.part] });
  const figures = await load.figures();
  expect(figures.named('slow')).toMatchObject({ ok: 100, fail: 0, unknown: 0 });
  expect(figures.named('fast')).toMatchObject({ ok: 800, fail: 0, unknown: 0 });
  expect(figures).toMatchObject({ sent: 900, dropped: 0, inFlight: 0, errors: [] });
  expect(figures.lateness.count).toBe(900);
  expect(await keysIn('slow/')).toEqual(slow.ok);
  expect(await keysIn('fast/')).toEqual(fast.ok);
});

test('callers send as fast as they get answers, beside a rate that is held', async () => {
  const paced = puts('paced', { kind: 'open', ratePerSec: 100 });
  const callers = puts('callers', { kind: 'closed', clients: 8 });
  const load = await start({ end: { kind: 'duration', ms: 2000 }, parts: [callers.part, paced.part] });
  const figures = await load.figures();
  expect(figures.named('paced')).toMatchObject({ ok: 200 });
  expect(figures.named('callers').ok).toBeGreaterThan(200);
  expect(figures.counters).toMatchObject({ 'dropped.paced': 0 });
  expect(figures.counters).not.toHaveProperty('late.callers');
  expect(await keysIn('callers/')).toEqual(callers.ok);
});

test('a number of requests is the first part’s: the others end with it', async () => {
  const leading = puts('leading', { kind: 'closed', clients: 5 });
  const beside = puts('beside', { kind: 'open', ratePerSec: 100 });
  const load = await start({ end: { kind: 'total', requests: 2000 }, parts: [leading.part, beside.part] });
  const figures = await load.figures();
  expect(figures.named('leading')).toMatchObject({ ok: 2000 });
  expect(figures.named('beside').ok).toBe(beside.ok.size);
});

test('a part that is over ends the load when no other has work of its own', async () => {
  const work = puts('goal', { kind: 'closed', clients: 5 });
  const goal = {
    get hasNext() {
      return sent < 500;
    },
    get isDone() {
      return work.ok.size === 500;
    },
  };
  let sent = 0;
  const next = () => {
    sent += 1;
    return work.operation.next();
  };
  const counted = { ...work.part, operation: { ...work.part.operation, next }, goal };
  const load = await start({ parts: [counted, puts('others', { kind: 'open', ratePerSec: 50 }).part] });
  expect((await load.figures()).named('goal')).toMatchObject({ ok: 500 });
});

test('work that comes from elsewhere is sent as soon as it is told to be there', async () => {
  const work = puts('fed', { kind: 'closed', clients: 5 });
  const begin = Promise.withResolvers<() => void>();
  let given = 0;
  let sent = 0;
  const goal = {
    get hasNext() {
      return sent < given;
    },
    get isDone() {
      return work.ok.size === 7;
    },
    wakeBy: begin.resolve,
  };
  const fill: LoadOperation['fill'] = (...args) => {
    sent += 1;
    work.operation.fill(...args);
  };
  const load = await start({ parts: [{ ...work.part, operation: { ...work.part.operation, fill }, goal }] });
  const wake = await begin.promise;
  given = 5;
  wake();
  // All callers sent something before that returned.
  expect(sent).toBe(5);
  await moreThan(work.ok, 4);
  given = 7;
  wake();
  expect(sent).toBe(7);
  expect((await load.figures()).named('fed')).toMatchObject({ ok: 7, fail: 0, unknown: 0 });
});

/** Deletes a key at a rate, and puts it again right after the answer. */
function rewrites(ratePerSec: number) {
  const queue: number[] = [];
  const first = recordedPuts('deleted/');
  const again = recordedPuts('again/');
  const deletes: LoadOperation = {
    ...first.operation,
    kinds: [{ name: 'first', isWrite: true }],
    onOutcome: (_kind, _sequence, _outcome, _startedAt, now) => {
      queue.push(now, now);
    },
  };
  const anew: LoadOperation = {
    ...again.operation,
    kinds: [{ name: 'again', isWrite: true }],
    next: () => {
      queue.shift();
      return again.operation.next();
    },
    onOutcome: (kind, sequence, outcome, startedAt, now) => {
      again.operation.onOutcome?.(kind, sequence, outcome, startedAt, now);
      if (outcome !== 'ok') queue.push(now);
    },
  };
  const due = {
    get nextDueAt() {
      return queue[0] ?? Number.POSITIVE_INFINITY;
    },
  };
  const parts: LoadPart[] = [
    { operation: deletes, pace: { kind: 'open', ratePerSec } },
    { operation: anew, pace: { kind: 'queued', queue: due, clients: 4 } },
  ];
  return { parts, queue, written: again.ok };
}

test('what becomes due after an answer is sent, and the queue is empty at the end of the time', async () => {
  const { parts, queue, written } = rewrites(200);
  const load = await start({ end: { kind: 'duration', ms: 1000 }, parts });
  const figures = await load.figures();
  expect(figures.named('first')).toMatchObject({ ok: 200 });
  expect(figures.named('again')).toMatchObject({ ok: 400, fail: 0, unknown: 0 });
  expect(queue).toEqual([]);
  expect(await keysIn('again/')).toEqual(written);
  // What waits in a queue is not late: its latency tells.
  expect(figures.lateness.count).toBe(200);
});

test('an interrupted load empties its queue, too', async () => {
  const { parts, queue, written } = rewrites(300);
  const load = await start({ parts });
  await moreThan(written, 500);
  const figures = await load.end();
  expect(figures.named('again').ok).toBe(figures.named('first').ok * 2);
  expect(queue).toEqual([]);
});

test.each(['interrupted', 'by the clock'])('a queue that nobody can take is given up at the end (%s)', async (how) => {
  await using cluster = await startEtcd();
  const { parts, queue, written } = rewrites(300);
  const end = how === 'interrupted' ? PLAN.end : ({ kind: 'duration', ms: 3000 } as const);
  const load = await start({ parts, end, timeoutMs: 500, access: { endpoints: cluster.endpoints } });
  await moreThan(written, 100);
  cluster.members[0]!.pause();
  queue.push(...Array<number>(100).fill(performance.now()));
  const figures = how === 'interrupted' ? await load.end() : await load.figures();
  cluster.members[0]!.resume();
  expect(figures.inFlight).toBe(0);
  expect(figures.named('again').unknown).toBeGreaterThan(0);
  expect(queue.length).toBeGreaterThan(0);
});

test('large answers hold up nobody', async () => {
  const value = Buffer.alloc(100_000, 'v');
  for (let number = 0; number < 100; number += 1) await client.put(`large/${number}`, value);
  const small = puts('small', { kind: 'open', ratePerSec: 100 });
  const large = reads('large', 'large/', { kind: 'open', ratePerSec: 5 });
  const end = { kind: 'duration', ms: 2000 } as const;
  const load = await start({ end, connections: 1, timeoutMs: 60_000, parts: [large, small.part] });
  const figures = await load.figures();
  expect(figures.named('large')).toMatchObject({ ok: 10, fail: 0 });
  expect(figures.counters.bytesRead).toBeGreaterThan(10 * 100 * 100_000);
  expect(figures.named('small')).toMatchObject({ ok: 200 });
  // On the same connection: its median waits for none of the answers of 10 MB.
  const medianMs = (name: string) => figures.named(name).latency.percentile(50) / 1e6;
  expect(medianMs('small')).toBeLessThan(medianMs('large'));
});

test('slow answers of one part leave room for the others', async () => {
  await using cluster = await startEtcd();
  await using proxy = await startTcpProxy(cluster.endpoints[0]!);
  const endpoints = [`http://${proxy.address}`];
  proxy.delayMs(300);
  // With answers after 0.6 s the reads would need 120 requests without one, and the puts 3: they have 29 and 10. Of the
  // reads those that come last would wait for 3 s; the puts need not wait, though answers take 2 s.
  const flood = reads('flood', 'nothing', { kind: 'open', ratePerSec: 200 });
  const rest = puts('rest', { kind: 'open', ratePerSec: 5 });
  const end = { kind: 'duration', ms: 4000 } as const;
  const load = await start({
    access: { endpoints },
    end,
    maxInFlight: 40,
    timeoutMs: 2500,
    parts: [flood, rest.part],
  });
  const figures = await load.figures();
  expect(figures.counters['dropped.flood']).toBeGreaterThan(0);
  expect(figures.counters['dropped.rest']).toBe(0);
  expect(figures.named('rest')).toMatchObject({ ok: 20 });
  expect(figures.late).toBeGreaterThanOrEqual(figures.counters['late.flood']!);
});

test('a connection that is cut comes back: it is counted with the time it took, and only what was on it is in doubt', async () => {
  await using cluster = await startEtcd();
  await using proxy = await startTcpProxy(cluster.endpoints[0]!);
  const written = puts('cut', { kind: 'open', ratePerSec: 200 });
  const load = await start({
    access: { endpoints: [`http://${proxy.address}`] },
    connections: 2,
    parts: [written.part],
  });
  await moreThan(written.ok, 100);
  proxy.cut();
  const cutAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 300));
  proxy.heal();
  const healedMs = performance.now() - cutAt;
  const before = written.ok.size;
  await moreThan(written.ok, before + 200);
  const figures = await load.end();
  const { ok, fail, latency } = figures.named('reconnect');
  expect({ ok, fail }).toEqual({ ok: 2, fail: 0 });
  // From the loss, which is seen right after the cut, until there was a connection again.
  expect(latency.percentile(1) / 1e6).toBeGreaterThan(healedMs * 0.5);
  expect(figures.named('cut').ok + figures.named('cut').fail + figures.named('cut').unknown).toBe(figures.sent);
  await using direct = await WireClient.connect({ endpoints: cluster.endpoints });
  const held = await keysIn('cut/', direct);
  expect([...written.ok].filter((key) => !held.has(key))).toEqual([]);
  expect([...held].filter((key) => !written.ok.has(key) && !written.unknown.has(key))).toEqual([]);
});

test('connections are renewed after so many answers, and nothing is lost on the way', async () => {
  await using proxy = await startTcpProxy(single.endpoints[0]!);
  const access = { endpoints: [`http://${proxy.address}`] };
  const first = puts('renewed', { kind: 'closed', clients: 10 });
  const second = puts('renewed-too', { kind: 'open', ratePerSec: 100 });
  const load = await start({
    access,
    connections: 2,
    reconnectAfter: 500,
    end: { kind: 'total', requests: 20_000 },
    parts: [first.part, second.part],
  });
  const figures = await load.figures();
  const { ok, fail } = figures.named('reconnect');
  expect(fail).toBe(0);
  expect(ok).toBeGreaterThanOrEqual(5);
  expect(ok).toBeLessThanOrEqual(figures.sent / 500 + 2);
  expect(proxy.accepted).toBeGreaterThanOrEqual(2 + ok);
  expect(figures.named('renewed')).toMatchObject({ ok: 20_000, fail: 0, unknown: 0 });
  expect(figures.named('renewed-too')).toMatchObject({ fail: 0, unknown: 0 });
  expect(figures.errors).toEqual([]);
  // The old ones are closed, the new ones with the load.
  await vi.waitFor(() => expect(proxy.connections).toBe(0), WAIT);
});

test('a full database pauses what writes and not what reads, and the disarmed alarm resumes it', async () => {
  await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': 3_000_000 } });
  await using direct = await WireClient.connect({ endpoints: cluster.endpoints });
  const recorded = recordedPuts('full/', 20_000);
  const write: LoadPart = {
    operation: { ...recorded.operation, kinds: [{ name: 'write', isWrite: true }] },
    pace: { kind: 'open', ratePerSec: 200 },
  };
  const callers = puts('write too', { kind: 'closed', clients: 2 });
  const read = reads('read', 'full/00000000', { kind: 'open', ratePerSec: 100 });
  const told: string[] = [];
  const load = await start({
    access: { endpoints: cluster.endpoints },
    noSpace: 'pause',
    onPause: (reason) => told.push(`paused: ${reason}`),
    onResume: () => told.push('resumed'),
    parts: [write, callers.part, read],
  });
  await vi.waitFor(() => expect(told).toEqual([expect.stringMatching(/^paused: .*space/)]), WAIT);
  const counted = () => read.operation.counters!().bytesRead!;
  const readsGoOn = () => {
    const before = counted();
    return vi.waitFor(() => expect(counted()).toBeGreaterThan(before + 2 * 20_000), WAIT);
  };
  // Small writes that were on their way may still have fitted in.
  await readsGoOn();
  const okBefore = callers.ok.size;
  await readsGoOn();
  expect(callers.ok.size).toBe(okBefore);

  const [{ header }, { memberId }] = [await direct.range('none'), await direct.status()];
  await direct.deleteRange('full/', { prefix: true });
  await direct.compact(header.revision + 1, { physical: true });
  await direct.defragment();
  const body = JSON.stringify({ action: 'DEACTIVATE', memberID: String(memberId), alarm: 'NOSPACE' });
  const disarmed = await fetch(`${cluster.endpoints[0]}/v3/maintenance/alarm`, { method: 'POST', body });
  expect(disarmed.status).toBe(200);
  await moreThan(callers.ok, okBefore);
  expect(told[1]).toBe('resumed');
  const figures = await load.end();
  expect(figures.counters['dropped.write']).toBeGreaterThan(0);
  // Refused writes are in doubt: who finds the quota used up while applying one applies it all the same.
  const { ok, fail, unknown } = figures.named('write');
  expect({ ok, fail, unknown }).toEqual({ ok: recorded.ok.size, fail: 0, unknown: recorded.unknown.size });
  expect(figures.errors.every(({ message }) => message.includes('database space exceeded'))).toBe(true);
  expect(figures.named('read')).toMatchObject({ fail: 0 });
});

test('a full database ends the load where nothing else was asked', async () => {
  await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': 2_000_000 } });
  const recorded = recordedPuts('full/', 50_000);
  const part = { operation: recorded.operation, pace: { kind: 'closed', clients: 4 } } as const;
  const load = await start({ access: { endpoints: cluster.endpoints }, parts: [part] });
  await expect(load.figures()).rejects.toThrow(/takes no more writes/);
});

test('warm-up is counted by no part', async () => {
  const part = puts('warm', { kind: 'open', ratePerSec: 100 });
  const load = await start({ warmupMs: 500, end: { kind: 'duration', ms: 500 }, parts: [part.part] });
  const figures = await load.figures();
  expect(figures.named('warm').ok).toBe(50);
  expect(part.ok.size).toBe(100);
  // Those of the warm-up whose answers came late may be in it.
  expect(figures.counters.acknowledged).toBeLessThan(100);
});

test.each<[string, Partial<MixedLoadOptions>]>([
  ['a mixed load needs a part', { parts: [] }],
  ['a rate of 0 requests per second is none', { parts: [puts('a', { kind: 'open', ratePerSec: 0 }).part] }],
  ['a load needs clients of at least 1, not 0', { parts: [puts('a', { kind: 'closed', clients: 0 }).part] }],
  [
    'two parts of a load call their requests a',
    { parts: [puts('a', { kind: 'closed', clients: 1 }).part, puts('a', { kind: 'closed', clients: 1 }).part] },
  ],
  [
    'two parts of a load call their requests reconnect',
    { parts: [puts('reconnect', { kind: 'closed', clients: 1 }).part] },
  ],
  ['renewed after -1', { parts: [puts('a', { kind: 'closed', clients: 1 }).part], reconnectAfter: -1 }],
  [
    'up to 16 kinds of requests, not 17',
    { parts: Array.from({ length: 17 }, (_, index) => puts(`${index}`, { kind: 'closed', clients: 1 }).part) },
  ],
])('%s', (message, options) => {
  const all = { access: { endpoints: single.endpoints }, plan: PLAN, parts: [], ...options };
  expect(() => openMixedLoad(all)).toThrow(message);
});
