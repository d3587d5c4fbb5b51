import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InterruptedError } from '../errors/index.ts';
import { observeMembers } from '../etcd/index.ts';
import { createRun, openRun, type Run } from '../runs/index.ts';
import { LatencyRecorder } from '../stats/index.ts';
import { putWork, startEtcd, type TestCluster } from '../testing/index.ts';
import { WireClient } from '../wire/index.ts';
import type { IntervalSample } from './interval-sample.ts';
import { openLoadEngine } from './load-engine.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadReport } from './load-report.ts';
import { type RunLoadOptions, runLoad } from './run-load.ts';

const PLAN: LoadPlan = {
  pace: { kind: 'closed' },
  end: { kind: 'total', requests: 5000 },
  warmupMs: 0,
  connections: 4,
  clients: 20,
  maxInFlight: 10_000,
  timeoutMs: 10_000,
  threads: 1,
  seed: 1,
};

let runsDir: string;
let run: Run;
beforeEach(async () => {
  runsDir = mkdtempSync(join(tmpdir(), 'etcdperf-load-'));
  run = await createRun({ command: 'bench:put', runsDir });
});
afterEach(() => rmSync(runsDir, { recursive: true, force: true }));

async function puts(
  cluster: TestCluster,
  plan: Partial<LoadPlan>,
  options: Partial<RunLoadOptions> & { readonly valueBytes?: number } = {},
): Promise<LoadReport> {
  const { endpoints } = cluster;
  const whole = { ...PLAN, ...plan };
  await using source = openLoadEngine({ access: cluster, plan: whole, work: putWork('k/', options.valueBytes) });
  return await runLoad({
    command: 'bench:put',
    plan: whole,
    endpoints,
    source,
    members: observeMembers({ endpoints }),
    findings: [],
    thresholds: [],
    intervalMs: 50,
    run,
    progress: { step: () => undefined },
    signal: new AbortController().signal,
    ...options,
  });
}

async function countKeys({ endpoints }: TestCluster): Promise<number> {
  await using client = await WireClient.connect({ endpoints });
  return (await client.range('k/', { prefix: true, countOnly: true })).count;
}

async function sumOfSamples(): Promise<{ ok: number; sent: number; latency: LatencyRecorder }> {
  const sum = { ok: 0, sent: 0, latency: new LatencyRecorder() };
  for await (const { series, sent } of (await openRun(run.dir)).events<IntervalSample>('samples.jsonl')) {
    sum.ok += series[0]!.ok;
    sum.sent += sent;
    sum.latency.merge(LatencyRecorder.fromJSON(series[0]!.histogram));
  }
  return sum;
}

test.each([1, 2])('%i threads: report, samples and etcd itself have the same count', async (threads) => {
  await using cluster = await startEtcd();
  const report = await puts(cluster, { threads });
  expect(report).toMatchObject({
    ending: { kind: 'complete' },
    sent: 5000,
    errors: [],
    counters: { acknowledged: 5000 },
  });
  expect(report.series).toMatchObject([{ name: 'put', ok: 5000, fail: 0, unknown: 0 }]);
  expect(await countKeys(cluster)).toBe(5000);
  const { ok, sent, latency } = await sumOfSamples();
  expect([ok, sent, latency.count]).toEqual([5000, 5000, 5000]);
  expect(latency.percentile(99) / 1e6 / report.series[0]!.latency.p99Ms).toBeCloseTo(1, 1);
  expect(report.generator.cpuPercent).toBeGreaterThan(0);
  expect(report.generator.threadCpuPercent).toBeGreaterThan(0);
  expect(report.members).toMatchObject([{ isLeader: true, problem: undefined, dbGrowthMb: expect.any(Number) }]);
});

test('a warm-up is not counted, and Ctrl-C ends a load whose answers are all accounted for', async () => {
  await using cluster = await startEtcd();
  const interruption = new AbortController();
  const plan = { warmupMs: 200, end: { kind: 'duration', ms: 60_000 } } as const;
  let intervals = 0;
  const onInterval = () => {
    intervals += 1;
    if (intervals === 3) interruption.abort(new InterruptedError());
  };
  const report = await puts(cluster, plan, { signal: interruption.signal, onInterval });
  expect(report.ending).toEqual({ kind: 'interrupted' });
  const [{ ok, fail, unknown }] = report.series as [LoadReport['series'][number]];
  expect(ok).toBeGreaterThan(0);
  expect(ok + fail + unknown).toBe(report.sent);
  expect((await sumOfSamples()).ok).toBe(ok);
  // Those of the warm-up are there, too.
  expect(await countKeys(cluster)).toBeGreaterThan(ok);
  expect((await openRun(run.dir)).manifest.status).toBe('interrupted');
});

test('a member that stands still for a second shows as that second, in an open loop', async () => {
  await using cluster = await startEtcd();
  const [member] = cluster.members;
  const plan = { pace: { kind: 'open', ratePerSec: 200 }, end: { kind: 'duration', ms: 3000 } } as const;
  let intervals = 0;
  const onInterval = () => {
    intervals += 1;
    if (intervals !== 10) return;
    member!.pause();
    void sleep(1000).then(() => member!.resume());
  };
  const report = await puts(cluster, plan, { onInterval });
  const [{ latency, ok }] = report.series as [LoadReport['series'][number]];
  expect(ok).toBe(report.sent);
  // A third of all requests was due in that second, and waited for what was left of it.
  expect(latency.maxMs).toBeGreaterThan(900);
  expect(latency.p95Ms).toBeGreaterThan(600);
  expect(latency.p50Ms).toBeLessThan(600);
});

test('a rate that can not be held is told with what was reached, and not blamed on the generator', async () => {
  await using cluster = await startEtcd();
  const plan = {
    pace: { kind: 'open', ratePerSec: 1_000_000 },
    end: { kind: 'duration', ms: 500 },
    maxInFlight: 2,
  } as const;
  const report = await puts(cluster, plan);
  expect(report.missedRate).toMatchObject({ askedPerSec: 1_000_000, isInFlightFull: true });
  expect(report.missedRate!.reachedPerSec).toBeCloseTo((report.sent * 1000) / (report.durationMs - report.drainMs), 0);
  expect(report.late + report.dropped).toBeGreaterThan(report.sent / 2);
  expect(report.generator.verdict ?? '').not.toContain('sent late');
});

test('a full database stops the load, with what was measured until then', async () => {
  await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': 4 * 1024 * 1024 } });
  const report = await puts(cluster, { end: { kind: 'duration', ms: 60_000 } }, { valueBytes: 10_000 });
  expect(report.ending).toMatchObject({ kind: 'stopped', reason: expect.stringContaining('space exceeded') });
  const [{ ok, fail, unknown }] = report.series as [LoadReport['series'][number]];
  const kept = await countKeys(cluster);
  expect(kept).toBeGreaterThanOrEqual(ok);
  expect(kept).toBeLessThanOrEqual(ok + unknown);
  expect(ok).toBeGreaterThan(100);
  expect(ok + fail + unknown).toBe(report.sent);
  expect((await openRun(run.dir)).manifest.status).toBe('failed');
});
