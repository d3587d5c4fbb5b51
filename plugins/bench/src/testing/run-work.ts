import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { Finding, IntervalSample, LoadPlan, LoadReport } from '@etcdperf/core/load';
import type { BenchSettings } from '../services/bench-settings.ts';
import { type BenchWork, runBench } from '../services/run-bench.ts';

export interface RunWorkOptions
  extends Partial<Pick<BenchSettings, 'target' | 'thresholds' | 'autoSyncMs' | 'isCleanedUp'>> {
  readonly plan?: Partial<LoadPlan>;
  readonly signal?: AbortSignal;
  readonly onFinding?: (finding: Finding) => void;
  readonly onInterval?: (sample: IntervalSample) => void;
}

/** Where a test's run folders go; gone when it is disposed of. */
export async function runsFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'etcdperf-bench-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Does a benchmark's work as its command would: 1000 requests of 10 callers on 2 connections unless told otherwise. */
export async function runWork<Extra extends object>(
  access: ClusterAccess,
  runsDir: string,
  work: BenchWork<Extra>,
  options: RunWorkOptions = {},
): Promise<LoadReport & Partial<Extra> & { readonly told: readonly Finding[] }> {
  const told: Finding[] = [];
  const settings: BenchSettings = {
    command: 'bench:test',
    version: 'test',
    inventory: undefined,
    config: {},
    runsDir,
    access,
    target: options.target ?? { kind: 'all' },
    plan: {
      pace: { kind: 'closed' },
      end: { kind: 'total', requests: 1000 },
      warmupMs: 0,
      connections: 2,
      clients: 10,
      maxInFlight: 1000,
      timeoutMs: 10_000,
      threads: 1,
      seed: 1,
      ...options.plan,
    },
    thresholds: options.thresholds ?? [],
    intervalMs: 200,
    autoSyncMs: options.autoSyncMs ?? 0,
    isCleanedUp: options.isCleanedUp ?? false,
  };
  const report = await runBench(settings, work, {
    signal: options.signal ?? new AbortController().signal,
    onStep: () => undefined,
    onFinding: (finding) => {
      told.push(finding);
      options.onFinding?.(finding);
    },
    onInterval: options.onInterval,
  });
  return { ...report, told };
}
