import { type ClusterAccess, observeMembers, resolveTarget, type Target } from '@etcdperf/core/etcd';
import {
  type Finding,
  type LoadPlan,
  type LoadReport,
  openMixedLoad,
  runLoad,
  type Threshold,
} from '@etcdperf/core/load';
import { createRun } from '@etcdperf/core/runs';
import { formatSize } from '@etcdperf/core/stats';
import { LoadKeys } from '../../operations/load-keys.ts';
import { WriteCounter } from '../../operations/write-counter.ts';
import type { DriverContext } from '../driver-context.ts';
import type { DriverSettings } from '../driver-settings.ts';
import { deleteKeys } from '../run/delete-keys.ts';
import { checkGoal, isFull, lookAhead, mostOf } from './check-fill.ts';
import { DatabaseGauge, type DatabaseSize, readQuota } from './database-gauge.ts';
import { type FillGoal, type FillKeys, type FillPlan, planFill } from './plan-fill.ts';
import { watchSize } from './watch-size.ts';

export interface FillSettings
  extends Pick<DriverSettings, 'command' | 'version' | 'inventory' | 'config' | 'runsDir'>,
    FillKeys {
  readonly access: ClusterAccess;
  readonly target: Target;
  readonly goal: FillGoal;
  readonly connections: number;
  readonly clients: number;
  readonly timeoutMs: number;
  readonly thresholds: readonly Threshold[];
  readonly intervalMs: number;
  /** The keys are deleted in the end. */
  readonly isCleanedUp: boolean;
}

export interface FillResult {
  readonly pattern: string;
  readonly goal: FillGoal;
  readonly isReached: boolean;
  /** Written by this run, for certain. */
  readonly keys: number;
  readonly before: DatabaseSize;
  readonly after: DatabaseSize;
  readonly quotaBytes: number | undefined;
  readonly isCleanedUp: boolean;
}

export type FillReport = LoadReport & { readonly fill: FillResult };

/**
 * Writes keys as fast as etcd takes them until there are so many, or its database is so large. Rejects with an InputError,
 * with nothing written, when the quota has no room for it, the database is as large already, or the pattern has too few
 * keys; with an OperationError when the cluster can't be reached.
 */
export async function fillDatabase(settings: FillSettings, context: DriverContext): Promise<FillReport> {
  const { goal } = settings;
  const { signal, onStep } = context;
  onStep('looking at the cluster');
  const { access, survey } = await resolveTarget(settings.access, settings.target, signal);
  await using gauge = await DatabaseGauge.open(settings.access, signal);
  const before = await gauge.read();
  const quotaBytes = await readQuota(settings.access, signal);
  const mostBytes = mostOf(quotaBytes);
  checkGoal(goal, before, mostBytes);
  const plan = planFill(goal, settings, before, Date.now().toString(36));
  const findings = await lookAhead({ access: settings.access, target: settings.target, survey, signal }, goal, plan);
  for (const finding of findings) context.onFinding(finding);

  const run = await createRun(settings);
  const load = new LoadKeys({ space: plan.space, writes: new WriteCounter(), observer: undefined }, 0, plan.end);
  let now = before;
  let isNearQuota = false;
  await using size = watchSize(gauge, (found, grownBytes) => {
    now = found;
    isNearQuota = found.fileBytes + 1.5 * grownBytes >= mostBytes;
    return isFull(goal, found) || isNearQuota;
  });
  const loadPlan = planOf(settings);
  const parts = [{ pace: { kind: 'closed', clients: settings.clients } as const, operation: load, goal: load }];
  await using source = openMixedLoad({ access, plan: loadPlan, parts });
  const report = await runLoad({
    command: settings.command,
    plan: loadPlan,
    endpoints: access.endpoints,
    source,
    members: observeMembers(settings.access, signal, survey),
    findings,
    thresholds: settings.thresholds,
    intervalMs: settings.intervalMs,
    run,
    progress: { step: (text) => onStep(`${howFar(goal, now, load)}: ${text}`) },
    signal,
    endSignal: size.enough,
  });
  const after = await gauge.read().catch(() => now);
  const isReached = goal.kind === 'keys' ? load.loaded >= goal.keys : isFull(goal, after);
  const sent = report.series.reduce((sum, { ok, fail, unknown }) => sum + ok + fail + unknown, settings.clients);
  const leftover = settings.isCleanedUp ? await cleanUp(settings, context, plan, Math.min(plan.end, sent)) : [];
  const result: FillReport = {
    ...report,
    findings: [...report.findings, ...(isReached ? [] : shortfall(report, after, isNearQuota)), ...leftover],
    fill: {
      pattern: plan.space.text,
      goal,
      isReached,
      keys: load.counters().puts ?? 0,
      before,
      after,
      quotaBytes,
      isCleanedUp: settings.isCleanedUp && leftover.length === 0,
    },
  };
  run.writeResult(result);
  return result;
}

function planOf({ connections, clients, timeoutMs, seed }: FillSettings): LoadPlan {
  const pace = { kind: 'closed' } as const;
  const end = { kind: 'open' } as const;
  return { pace, end, warmupMs: 0, connections, clients, maxInFlight: clients, timeoutMs, threads: 1, seed };
}

function howFar(goal: FillGoal, { inUseBytes }: DatabaseSize, { loaded }: LoadKeys): string {
  if (goal.kind === 'keys') return `filling, ${loaded} of ${goal.keys} keys`;
  return `filling, ${formatSize(inUseBytes)} of ${formatSize(goal.bytes)}`;
}

/** Why it is not full although nothing failed. */
function shortfall({ ending }: LoadReport, { fileBytes }: DatabaseSize, isNearQuota: boolean): Finding[] {
  if (ending.kind !== 'complete') return [];
  return isNearQuota
    ? [{ kind: 'quota', message: `the filling ended at ${formatSize(fileBytes)}, before etcd refuses all writes` }]
    : [
        {
          kind: 'other',
          message: 'all keys of the pattern are written, and the database is not as large as asked for',
        },
      ];
}

/** Tells when it could not: what was measured is no worse for it. */
async function cleanUp(
  { access }: FillSettings,
  { onStep, onFinding }: DriverContext,
  { space }: FillPlan,
  end: number,
): Promise<readonly Finding[]> {
  onStep('deleting the keys');
  try {
    await deleteKeys(access, space, end);
    return [];
  } catch (error) {
    const finding: Finding = { kind: 'other', message: `the keys are not deleted: ${(error as Error).message}` };
    onFinding(finding);
    return [finding];
  }
}
