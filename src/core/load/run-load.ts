import type { LoadEnding, LoadReport } from './load-report.ts';
import { type MeasureLoadOptions, measureLoad } from './measure-load.ts';

/** `run` gets result.json, too, and is finished. */
export type RunLoadOptions = Omit<MeasureLoadOptions, 'name'>;

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
    const report = await measureLoad(options);
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
