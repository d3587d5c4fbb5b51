import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEtcd, type TestCluster } from '../testing/index.ts';
import { WireClient } from '../wire/index.ts';
import { openLoadEngine } from './load-engine.ts';
import type { LoadPlan } from './load-plan.ts';

const PLAN: LoadPlan = {
  pace: { kind: 'closed' },
  end: { kind: 'total', requests: 100 },
  warmupMs: 0,
  connections: 2,
  clients: 5,
  maxInFlight: 100,
  timeoutMs: 5000,
  threads: 1,
  seed: 1,
};
const NEVER = new AbortController().signal;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startEtcd();
});
afterAll(() => cluster.stop());

/** A scenario of one kind, from the body of its step: JavaScript that sees `client`, `step`, `seen` and `options`. */
function scenario(body: string, options: object = {}) {
  const source = `export default (options, share) => {
    const seen = { steps: 0, closed: 0 };
    return {
      kinds: [{ name: 'pair', isWrite: true }],
      async step(client, step) { seen.steps += 1; ${body}; return 0; },
      counters: () => seen,
      async close() { seen.closed += 1; },
    };
  }`;
  return { kind: 'scenario', module: `data:text/javascript,${encodeURIComponent(source)}`, options } as const;
}

async function run(plan: Partial<LoadPlan>, work: ReturnType<typeof scenario>, signal = NEVER) {
  await using engine = openLoadEngine({ access: cluster, plan: { ...PLAN, ...plan }, work });
  await engine.prepare(NEVER);
  await engine.run(signal, () => {});
  const figures = await engine.take();
  const { ok, fail, unknown, latency } = figures.series[0]!;
  return { ...figures, ok, fail, unknown, latency };
}

const PAIR = `
  await client.put(options.prefix + String(step.client), '');
  await client.put(options.prefix + 'step/' + String(step.sequence + share.index * 1000), '')`;

async function keysOf(prefix: string): Promise<string[]> {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  return (await client.range(prefix, { prefix: true })).kvs.map(({ key }) => key.toString().slice(prefix.length));
}

test.each([1, 2])('callers do one step after the other, each with its own number (%i threads)', async (threads) => {
  const prefix = `closed${threads}/`;
  const figures = await run({ threads }, scenario(PAIR, { prefix }));
  expect(figures).toMatchObject({ ok: 100, sent: 100, fail: 0, unknown: 0, inFlight: 0 });
  expect(figures.counters).toEqual({ steps: 100, closed: threads });
  const keys = await keysOf(prefix);
  expect(keys.filter((key) => !key.startsWith('step/'))).toEqual(['0', '1', '2', '3', '4']);
  expect(keys.filter((key) => key.startsWith('step/'))).toHaveLength(100);
});

test('steps at a rate', async () => {
  const plan = { pace: { kind: 'open', ratePerSec: 200 }, end: { kind: 'duration', ms: 300 } } as const;
  const figures = await run(plan, scenario(PAIR, { prefix: 'open/' }));
  expect(figures.sent + figures.dropped).toBe(60);
  expect(figures).toMatchObject({ ok: figures.sent, counters: { steps: figures.sent } });
});

test('a step that fails counts as what its error says, and the next one begins', async () => {
  const figures = await run({}, scenario(`if (step.sequence % 4 === 0) await client.leaseRevoke(1n)`));
  expect(figures).toMatchObject({ ok: 75, fail: 25, unknown: 0 });
  expect(figures.errors).toEqual([{ message: 'etcdserver: requested lease not found', outcome: 'fail', count: 25 }]);
});

test('a fault of the scenario itself ends the load', async () => {
  await expect(run({}, scenario(`if (step.sequence === 20) throw new TypeError('a fault')`))).rejects.toThrow(
    'a fault',
  );
});

test('the end of the load ends steps that would go on for ever', async () => {
  const ending = new AbortController();
  setTimeout(() => ending.abort(), 100);
  const figures = await run(
    { timeoutMs: 200 },
    scenario(`await new Promise((resolve) => step.signal.addEventListener('abort', resolve))`),
    ending.signal,
  );
  expect(figures).toMatchObject({ ok: 5, inFlight: 0, counters: { closed: 1 } });
});
