import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEtcd, type TestCluster } from '../testing/index.ts';
import { WireClient } from '../wire/index.ts';
import { openLoadEngine } from './load-engine.ts';
import type { LoadPlan } from './load-plan.ts';

const PLAN: LoadPlan = {
  pace: { kind: 'closed' },
  end: { kind: 'total', requests: 1000 },
  warmupMs: 0,
  connections: 4,
  clients: 20,
  maxInFlight: 1000,
  timeoutMs: 5000,
  threads: 1,
  seed: 1,
};
const PUT = new URL('../testing/put-operation.ts', import.meta.url).href;
const NEVER = new AbortController().signal;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startEtcd();
});
afterAll(() => cluster.stop());

/** Puts values of 16 bytes to ever new keys under `prefix`. */
function puts(prefix: string) {
  return { kind: 'operation', module: PUT, options: { prefix, valueBytes: 16 } } as const;
}

async function countKeys(prefix: string): Promise<number> {
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  return (await client.range(prefix, { prefix: true, countOnly: true })).count;
}

test('a closed loop sends as many requests as it is told to; etcd has each of them', async () => {
  await using engine = openLoadEngine({ access: cluster, plan: PLAN, work: puts('closed/') });
  await engine.prepare(NEVER);
  const phases: string[] = [];
  await engine.run(NEVER, (phase) => phases.push(phase));
  const { series, ...figures } = await engine.take();
  expect(phases).toEqual(['measured', 'done']);
  expect(
    series.map(({ name, ok, fail, unknown, latency }) => ({ name, ok, fail, unknown, count: latency.count })),
  ).toEqual([{ name: 'put', ok: 1000, fail: 0, unknown: 0, count: 1000 }]);
  expect(figures).toMatchObject({ sent: 1000, inFlight: 0, errors: [], counters: { acknowledged: 1000 } });
  expect(await countKeys('closed/')).toBe(1000);
});
