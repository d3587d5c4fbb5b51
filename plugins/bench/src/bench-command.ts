import {
  BaseCommand,
  type ClusterFlagValues,
  chooseRunsDir,
  clusterAccessFrom,
  clusterFlags,
  exitCodeOf,
  findInventory,
  inventoryFlags,
  loadFlags,
  loadPlanFrom,
  type PlanFlagValues,
  type RenderLoadOptions,
  renderFinding,
  renderLoadReport,
  targetFrom,
} from '@etcdperf/core/cli';
import type { Target } from '@etcdperf/core/etcd';
import type { LoadPlan, LoadReport, Threshold } from '@etcdperf/core/load';
import { autoSyncFlag, autoSyncMsFrom } from './flags/auto-sync-flag.ts';
import type { BenchSettings } from './services/bench-settings.ts';
import type { BenchContext, BenchWork } from './services/run-bench.ts';

/** What every benchmark understands; a command adds its own. */
export const benchFlags = { ...inventoryFlags, ...clusterFlags, ...autoSyncFlag, ...loadFlags };

/** The values of `benchFlags`. */
export interface BenchFlagValues extends ClusterFlagValues, PlanFlagValues {
  readonly inventory?: string | undefined;
  readonly 'auto-sync-interval': number;
  readonly target?: Target | undefined;
  readonly 'target-leader': boolean;
  readonly interval: number;
  readonly 'interval-format'?: 'jsonl' | 'csv' | undefined;
  readonly threshold?: readonly Threshold[] | undefined;
  readonly precise: boolean;
  readonly sample: boolean;
  readonly 'report-perfdash': boolean;
  readonly 'runs-dir'?: string | undefined;
  readonly cleanup: boolean;
}

/**
 * What every benchmark's command stands on. A subclass's `run()`: parse, `this.settings(flags)`, `this.bench(settings,
 * work)`, `this.show(report)`, return the report.
 */
export abstract class BenchCommand extends BaseCommand {
  private asked: BenchFlagValues | undefined;
  /** What --sample adds to the report. */
  private seconds = '';

  /** Throws InputError for flags that contradict each other, or that name what is not there; nothing is touched. */
  protected async settings(flags: BenchFlagValues, plan: LoadPlan = loadPlanFrom(flags)): Promise<BenchSettings> {
    this.asked = flags;
    const target = targetFrom(flags);
    const autoSyncMs = autoSyncMsFrom(flags, target);
    const inventory = await findInventory(flags);
    const { 'password-file': _passwordFile, ...config } = flags;
    return {
      command: this.id ?? 'bench',
      version: this.config.version,
      inventory,
      config: config as Readonly<Record<string, unknown>>,
      runsDir: await chooseRunsDir(flags, inventory),
      access: await clusterAccessFrom(flags, inventory, this.signal),
      target,
      plan,
      thresholds: flags.threshold ?? [],
      intervalMs: flags.interval,
      autoSyncMs,
      isCleanedUp: flags.cleanup,
    };
  }

  /** Does the work; findings and progress are told on stderr meanwhile, intervals on stdout where that is asked for. */
  protected async bench<Extra extends object>(
    settings: BenchSettings,
    work: BenchWork<Extra>,
  ): Promise<LoadReport & Partial<Extra>> {
    const { runBench } = await import('./services/run-bench.ts');
    const report = await runBench(settings, work, await this.context());
    const { secondSamplesCsv, writePerfdashReport } = await import('@etcdperf/core/load');
    if (this.asked?.sample === true) this.seconds = await secondSamplesCsv(report.runFolder);
    // Where etcd's own benchmark writes it, too.
    if (this.asked?.['report-perfdash'] === true)
      this.remark(`perfdash: ${await writePerfdashReport(report, process.env.ARTIFACTS ?? '_artifacts')}`);
    return report;
  }

  /** Whom a service tells what. */
  protected async context(): Promise<BenchContext> {
    const { progress, signal } = this;
    const format = this.asked?.['interval-format'];
    const base = {
      signal,
      onStep: (text: string) => progress.step(text),
      onFinding: (finding: LoadReport['findings'][number]) => progress.info(renderFinding(finding)),
    };
    if (format === undefined) return base;
    const { SAMPLE_CSV_HEADER, sampleCsv } = await import('@etcdperf/core/load');
    if (format === 'csv') process.stdout.write(`${SAMPLE_CSV_HEADER}\n`);
    return {
      ...base,
      onInterval: (sample) =>
        void process.stdout.write(`${format === 'csv' ? sampleCsv(sample) : JSON.stringify(sample)}\n`),
    };
  }

  /** Prints the report, what the command adds after it, and sets the exit code. */
  protected show(report: LoadReport, addition = ''): void {
    this.endWith(exitCodeOf(report));
    const isStreamed = this.asked?.['interval-format'] !== undefined;
    if (this.jsonEnabled() && !isStreamed) return;
    const parts = [renderLoadReport(report, this.renderOptions), addition, this.seconds];
    const text = parts.filter((part) => part !== '').join('\n\n');
    if (isStreamed) this.remark(text);
    else this.print(text);
  }

  private get renderOptions(): RenderLoadOptions {
    return { isPrecise: this.asked?.precise === true };
  }
}
