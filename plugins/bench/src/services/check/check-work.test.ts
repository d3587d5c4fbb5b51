import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@etcdperf/core/errors';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runsFolder, runWork } from '../../testing/run-work.ts';
import { type CheckOptions, checkWork } from './check-work.ts';
import { judgeDatascale } from './judge-datascale.ts';
import { judgePerf } from './judge-perf.ts';
import { requireEmptyPrefix } from './require-empty-prefix.ts';

const RATE = 200;
/** Wide enough for a busy machine: what is tested is not its speed. */
const LIMITS = { ratePercent: 5, slowestMs: 60_000, stddevMs: 60_000 };

let cluster: TestCluster;
let client: WireClient;
let runs: Awaited<ReturnType<typeof runsFolder>>;
beforeAll(async () => {
  cluster = await startEtcd();
  client = await WireClient.connect({ endpoints: cluster.endpoints, requestTimeoutMs: 30_000 });
  runs = await runsFolder();
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
  await runs[Symbol.asyncDispose]();
});

const perf = (prefix: string, more: Partial<CheckOptions> = {}) =>
  checkWork({
    keys: { prefix, digits: 256, size: 1e12 },
    isSequential: false,
    valueBytes: 1024,
    requests: RATE,
    isCompacted: false,
    isDefragmented: false,
    judge: (report) => judgePerf(report, RATE, LIMITS),
    ...more,
  });
const plan = { pace: { kind: 'open', ratePerSec: RATE }, end: { kind: 'total', requests: RATE } } as const;
const count = async (prefix: string) => (await client.range(prefix, { prefix: true, countOnly: true })).count;

test('perf: judged, and nothing left of it', async () => {
  const seen: number[] = [];
  const judge: CheckOptions['judge'] = (report) => {
    seen.push(report.series[0]!.ok);
    return judgePerf(report, RATE, LIMITS);
  };
  const report = await runWork(cluster, runs.path, perf('perf/', { judge }), { plan, isCleanedUp: true });
  expect(seen).toEqual([RATE]);
  expect(report.check?.verdict).toBe('pass');
  expect(await count('perf/')).toBe(0);
});

test('perf: a stall of etcd shows as long as it was', async () => {
  const [member] = cluster.members;
  let stall: Promise<void> | undefined;
  const onInterval = () => {
    stall ??= (async () => {
      member!.pause();
      await sleep(700);
      member!.resume();
    })();
  };
  const judge: CheckOptions['judge'] = (report) => judgePerf(report, RATE, { ...LIMITS, slowestMs: 500 });
  const report = await runWork(cluster, runs.path, perf('stall/', { judge }), { plan, onInterval, isCleanedUp: true });
  await stall;
  expect(report.check?.verdict).toBe('fail');
  expect(report.check?.criteria.filter(({ isMet }) => !isMet).map(({ name }) => name)).toEqual(['slowest']);
});

test('a prefix with keys is refused', async () => {
  const { signal } = new AbortController();
  const require = () => requireEmptyPrefix({ endpoints: cluster.endpoints }, 'mine/', signal);
  await require();
  await client.put('mine/key', 'x');
  await expect(require()).rejects.toThrow(InputError);
  await expect(require()).rejects.toThrow("there is a key below 'mine/' already");
});

test('Ctrl-C: no verdict, and nothing left', async () => {
  const abort = new AbortController();
  const endless = { ...plan, end: { kind: 'duration', ms: 3_600_000 } } as const;
  const report = await runWork(cluster, runs.path, perf('abort/'), {
    plan: endless,
    signal: abort.signal,
    onInterval: () => abort.abort(),
    isCleanedUp: true,
  });
  expect(report.series[0]!.ok).toBeGreaterThan(0);
  expect(report.check?.verdict).toBe('none');
  expect(await count('abort/')).toBe(0);
});

test('datascale: what the keys cost, deleted, compacted, and their space given back', async () => {
  const work = checkWork({
    keys: { prefix: 'scale/', digits: 512, size: 5000 },
    isSequential: true,
    valueBytes: 512,
    requests: 5000,
    isCompacted: true,
    isDefragmented: true,
    judge: (report) => judgeDatascale(report, { memoryMb: undefined, dbMb: undefined }),
  });
  const before = await client.status();
  const many = { end: { kind: 'total', requests: 5000 }, clients: 50 } as const;
  const report = await runWork(cluster, runs.path, work, { plan: many, isCleanedUp: true });
  expect(report.check?.verdict).toBe('pass');
  // etcd tells what it has committed to its file: not what the last 100 ms brought.
  expect(report.members[0]!.dbGrowthMb).toBeGreaterThan(3);
  expect(await count('scale/')).toBe(0);
  const { dbSize, revision } = await client.status();
  expect(dbSize).toBeLessThan(before.dbSize + 2e6);
  await expect(client.range('x', { revision: revision - 1 })).rejects.toMatchObject({ reason: 'compacted' });
});
