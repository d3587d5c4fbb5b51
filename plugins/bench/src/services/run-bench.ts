import { type ClusterAccess, type ClusterSurvey, observeMembers, resolveTarget } from '@etcdperf/core/etcd';
import {
  type Finding,
  type IntervalSample,
  type LoadReport,
  type LoadSource,
  type OperationSource,
  openLoadEngine,
  type PreflightOptions,
  preflight,
  runLoad,
  type ScenarioSource,
} from '@etcdperf/core/load';
import { createRun, type Run } from '@etcdperf/core/runs';
import { LiveEndpoints } from '@etcdperf/core/wire';
import type { BenchSettings } from './bench-settings.ts';
import { followCluster } from './follow-cluster.ts';

/** Where a benchmark works: handed to all parts of a `BenchWork`. */
export interface BenchSite {
  readonly settings: BenchSettings;
  /** Only the endpoints of the target: what gets the load. */
  readonly access: ClusterAccess;
  /** What the members said of themselves at the beginning. */
  readonly survey: ClusterSurvey;
  readonly run: Run;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What is being done now, for whoever waits. */
  readonly onStep: (text: string) => void;
}

/** What one command measures. All but `load` may be left out. `Extra`: what its report has beyond every other's. */
export interface BenchWork<Extra extends object = object> {
  /** What the load engine is to send; or the command's own source, made when all is prepared. */
  readonly load: OperationSource | ScenarioSource | ((site: BenchSite) => LoadSource | Promise<LoadSource>);
  /** What the preflight needs to know to judge the cluster. */
  readonly expects?: Omit<PreflightOptions, 'access' | 'target' | 'signal' | 'survey'>;
  /** Looks for what only this command knows of, after the common preflight. Nothing is written yet. */
  readonly inspect?: (site: BenchSite) => Promise<readonly Finding[]>;
  /** Writes what the load needs, before its first request. */
  readonly prepare?: (site: BenchSite) => Promise<void>;
  /** Goes on beside the load until `signal` is aborted, then resolves. What it rejects with is thrown after the load. */
  readonly beside?: (site: BenchSite, signal: AbortSignal) => Promise<void>;
  /** Looks at what the load left behind, before any clean-up: added to the report and `result.json`. */
  readonly conclude?: (site: BenchSite, report: LoadReport) => Promise<Extra>;
  /**
   * Deletes what `prepare` and the load wrote; only called with `--cleanup`, also after Ctrl-C (so it has no signal)
   * and after a failure.
   */
  readonly cleanUp?: (site: BenchSite) => Promise<void>;
}

/** Whom a benchmark tells what. */
export interface BenchContext {
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
  /** Before anything is written; of where the load goes, also later. */
  readonly onFinding: (finding: Finding) => void;
  readonly onInterval?: ((sample: IntervalSample) => void) | undefined;
}

/**
 * One benchmark from the first look at the cluster to its report: the target's members, the preflight, the run folder,
 * the load, and the clean-up. Ctrl-C during the load still gives a report, with `ending` `interrupted`. Rejects with an
 * InputError or OperationError when there can be no load.
 */
export async function runBench<Extra extends object = object>(
  settings: BenchSettings,
  work: BenchWork<Extra>,
  context: BenchContext,
): Promise<LoadReport & Partial<Extra>> {
  const { signal, onStep } = context;
  onStep('looking at the cluster');
  const { access, survey } = await resolveTarget(settings.access, settings.target, signal);
  const common = await preflight({ access: settings.access, target: settings.target, survey, signal, ...work.expects });
  const run = await createRun(settings);
  const site = followable({ settings, access, survey, run, signal, onStep });
  try {
    const findings = [...common, ...((await work.inspect?.(site)) ?? [])];
    for (const finding of findings) context.onFinding(finding);
    const report = await measureAndConclude(site, work, findings, context).catch(async (error: unknown) => {
      await cleanUp(site, work, context);
      throw error;
    });
    const leftover = await cleanUp(site, work, context);
    if (leftover === undefined) return report;
    const whole = { ...report, findings: [...report.findings, leftover] };
    run.writeResult(whole);
    return whole;
  } catch (error) {
    run.finish({ status: signal.aborted ? 'interrupted' : 'failed' });
    throw error;
  }
}

/** Where the load is to follow the members, all that connects during the run has one list of them. */
function followable(site: BenchSite): BenchSite {
  const { settings, access } = site;
  if (settings.autoSyncMs === 0) return site;
  const endpoints = new LiveEndpoints(access.endpoints);
  return {
    ...site,
    access: { ...access, endpoints },
    settings: { ...settings, access: { ...settings.access, endpoints } },
  };
}

async function measureAndConclude<Extra extends object>(
  site: BenchSite,
  work: BenchWork<Extra>,
  findings: readonly Finding[],
  context: BenchContext,
): Promise<LoadReport & Partial<Extra>> {
  const report = await prepareAndMeasure(site, work, findings, context);
  if (work.conclude === undefined) return report as LoadReport & Partial<Extra>;
  const whole = { ...report, ...(await work.conclude(site, report)) };
  site.run.writeResult(whole);
  return whole;
}

async function prepareAndMeasure(
  site: BenchSite,
  work: BenchWork,
  findings: readonly Finding[],
  context: BenchContext,
): Promise<LoadReport> {
  const told = [...findings];
  await using _following = followCluster(site, (finding) => {
    told.push(finding);
    context.onFinding(finding);
  });
  await work.prepare?.(site);
  return await measure(site, work, told, context);
}

/** Tells when it could not: what was measured is no worse for it. */
async function cleanUp(site: BenchSite, work: BenchWork, { onFinding }: BenchContext): Promise<Finding | undefined> {
  if (!site.settings.isCleanedUp || work.cleanUp === undefined) return undefined;
  site.onStep('cleaning up');
  try {
    await work.cleanUp(site);
    return undefined;
  } catch (error) {
    const finding: Finding = {
      kind: 'other',
      message: `what was written is not cleaned up: ${(error as Error).message}`,
    };
    onFinding(finding);
    return finding;
  }
}

async function measure(
  site: BenchSite,
  work: BenchWork,
  findings: readonly Finding[],
  { onInterval }: BenchContext,
): Promise<LoadReport> {
  const { settings, access, run, signal, onStep } = site;
  const { command, plan, thresholds, intervalMs } = settings;
  await using source =
    typeof work.load === 'function' ? await work.load(site) : openLoadEngine({ access, plan, work: work.load });
  await using _beside = goOnBeside(site, work);
  return await runLoad({
    command,
    plan,
    // As it begins; what becomes of them is a finding.
    endpoints: [...access.endpoints],
    source,
    members: observeMembers(settings.access, signal, site.survey),
    findings,
    thresholds,
    intervalMs,
    run,
    progress: { step: onStep },
    signal,
    ...(onInterval && { onInterval }),
  });
}

/** Starts what goes on beside the load; disposing ends it, and throws what it failed with. */
function goOnBeside(site: BenchSite, { beside }: BenchWork): AsyncDisposable {
  const ending = new AbortController();
  const work = beside?.(site, ending.signal);
  // Its failure is told when the load is over.
  work?.catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      await work;
    },
  };
}
