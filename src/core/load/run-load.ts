import { EtcdperfError } from '../errors/index.ts';
import type { MemberObserver } from '../etcd/index.ts';
import type { Run } from '../runs/index.ts';
import { buildLoadReport } from './build-load-report.ts';
import { meterGenerator } from './generator-meter.ts';
import type { IntervalSample } from './interval-sample.ts';
import type { LoadPlan } from './load-plan.ts';
import { LoadRecording } from './load-recording.ts';
import type { LoadEnding, LoadReport } from './load-report.ts';
import type { LoadSource } from './load-source.ts';
import type { Finding } from './preflight.ts';
import type { Threshold } from './threshold.ts';
import { requireSeries } from './threshold-check.ts';

export interface RunLoadOptions {
  /** `bench:put`. */
  readonly command: string;
  readonly plan: LoadPlan;
  /** Where the load goes. */
  readonly endpoints: readonly string[];
  /** Driven, not disposed of. */
  readonly source: LoadSource;
  readonly members: MemberObserver;
  /** Passed on into the report. */
  readonly findings: readonly Finding[];
  readonly thresholds: readonly Threshold[];
  readonly intervalMs: number;
  /** Gets samples.jsonl, samples.csv and result.json, and is finished. */
  readonly run: Run;
  readonly progress: { step(text: string): void };
  /** Ends the load early. There is a report all the same, if something was measured. */
  readonly signal: AbortSignal;
  /** Told each sample right after it was written to the run folder. */
  readonly onInterval?: (sample: IntervalSample) => void;
}

/**
 * Drives a load from its preparation to its report. Each interval of the measured window is appended to the run folder
 * as it ends; histograms are merged, and percentiles computed last.
 *
 * Whatever ends a load that was being measured is told in the report: Ctrl-C (`interrupted`), a threshold (`aborted`),
 * or what made going on senseless (`stopped`). Rejects, with the run finished, when nothing was measured (the source
 * could not be prepared, Ctrl-C came before), when a sample could not be written, and for bugs.
 */
export async function runLoad(options: RunLoadOptions): Promise<LoadReport> {
  const { run, signal } = options;
  try {
    const report = await measure(options);
    run.writeResult(report);
    run.finish({ status: statusOf(report.ending) });
    return report;
  } catch (error) {
    try {
      run.finish({ status: signal.aborted ? 'interrupted' : 'failed' });
    } catch {
      // Where the folder can't be written, that is what the error above is about.
    }
    throw error;
  }
}

async function measure(options: RunLoadOptions): Promise<LoadReport> {
  const { plan, source, members, signal, progress } = options;
  progress.step(`connecting to ${options.endpoints.join(', ')}`);
  await source.prepare(signal);
  signal.throwIfAborted();
  const { series } = await source.take();
  requireSeries(options.thresholds, [...series.map(({ name }) => name), ...(source.laterSeries ?? [])]);
  // Before the load where that is measured at once, so that the members' own figures span all of it.
  let watching = plan.warmupMs > 0 ? undefined : members.start();
  await watching;

  using meter = meterGenerator(plan);
  const ending = new AbortController();
  const recording = new LoadRecording(options, meter, () => ending.abort());
  if (plan.warmupMs > 0) progress.step(`warming up for ${plan.warmupMs / 1000} s`);
  let stopped: EtcdperfError | undefined;
  try {
    await source.run(AbortSignal.any([signal, ending.signal]), (phase) => {
      if (phase === 'measured') {
        recording.start();
        watching ??= members.start();
      }
      if (phase === 'done') recording.allSent();
    });
  } catch (error) {
    if (!(error instanceof EtcdperfError)) {
      await recording.finish().catch(() => undefined);
      throw error;
    }
    stopped = error;
  }
  const measured = await recording.finish();
  if (!signal.aborted) progress.step('asking the members for their figures');
  await watching;
  if (measured === undefined) throw stopped ?? signal.reason ?? new Error('the load ended before it was measured');
  return buildLoadReport(options, measured, {
    ending: endingOf(signal, measured.missed?.text, stopped),
    generator: meter.finish(),
    members: await members.finish(),
  });
}

function endingOf(signal: AbortSignal, missed: string | undefined, stopped: EtcdperfError | undefined): LoadEnding {
  if (signal.aborted) return { kind: 'interrupted' };
  if (missed !== undefined) return { kind: 'aborted', threshold: missed };
  if (stopped === undefined) return { kind: 'complete' };
  const { where, message, hint } = stopped;
  const reason = where === undefined ? message : `${where}: ${message}`;
  return { kind: 'stopped', reason, ...(hint !== undefined && { hint }) };
}

function statusOf({ kind }: LoadEnding): 'done' | 'failed' | 'interrupted' {
  switch (kind) {
    case 'complete':
    case 'aborted':
      return 'done';
    case 'stopped':
      return 'failed';
    case 'interrupted':
      return 'interrupted';
    default:
      return kind satisfies never;
  }
}
