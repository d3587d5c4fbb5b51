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

export interface MeasureLoadOptions {
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
  /** Gets samples.jsonl and samples.csv. */
  readonly run: Run;
  /** One of several loads of a run: its samples are in files of their own, `ramp-samples.jsonl` and the like. */
  readonly name?: string;
  /** How more load can be made, for when the generator is the limit. Default: more threads. */
  readonly moreWith?: string;
  readonly progress: { step(text: string): void };
  /** Ends the load early. There is a report all the same, if something was measured. */
  readonly signal: AbortSignal;
  /** Ends the load as well, and that is its planned end: the report is complete. */
  readonly endSignal?: AbortSignal;
  /** Told each sample right after it was written to the run folder. */
  readonly onInterval?: (sample: IntervalSample) => void;
  /** Told when a sample could not be written (a full disk), and the load goes on; without it, the load ends and rejects. */
  readonly onUnwritten?: (error: Error) => void;
}

/**
 * Drives a load from its preparation to its report, and leaves the run open for what comes after it: a result, further
 * loads. Each interval of the measured window is appended to the run folder as it ends; histograms are merged, and
 * percentiles computed last. Ends and rejects as `runLoad` does.
 */
export async function measureLoad(options: MeasureLoadOptions): Promise<LoadReport> {
  const { plan, source, members, signal, endSignal, progress } = options;
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
    await source.run(
      AbortSignal.any([signal, ending.signal, ...(endSignal === undefined ? [] : [endSignal])]),
      (phase) => {
        if (phase === 'measured') {
          recording.start();
          watching ??= members.start();
        }
        if (phase === 'done') recording.allSent();
      },
    );
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
