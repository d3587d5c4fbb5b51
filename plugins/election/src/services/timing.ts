import { LatencyRecorder, type LatencySummary, type RecorderJson } from '@etcdperf/core/stats';

/** Many durations of one kind, and by how much the clocks of the hosts involved may have falsified each. */
export interface Timing extends LatencySummary {
  readonly clockErrorMs: number;
}

/** A timing with its shape. */
export interface Distribution extends Timing {
  /** How many took at least `second` and less than the next second; seconds without any are left out. */
  readonly bySecond: readonly { readonly second: number; readonly count: number }[];
  readonly histogram: RecorderJson;
}

/** @param durationsNs durations in nanoseconds; between two hosts they may be negative */
export function timingOf(durationsNs: Iterable<number>, clockErrorMs: number): Timing {
  return { ...recorderOf(durationsNs).summary(), clockErrorMs };
}

/** The same with its shape, for a summary. */
export function distributionOf(durationsNs: readonly number[], clockErrorMs: number): Distribution {
  const recorder = recorderOf(durationsNs);
  const bySecond = new Map<number, number>();
  for (const ns of durationsNs) {
    const second = Math.floor(ns / 1e9);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  }
  return {
    ...recorder.summary(),
    clockErrorMs,
    bySecond: [...bySecond].sort(([a], [b]) => a - b).map(([second, count]) => ({ second, count })),
    histogram: recorder.toJSON(),
  };
}

function recorderOf(durationsNs: Iterable<number>): LatencyRecorder {
  const recorder = new LatencyRecorder();
  for (const ns of durationsNs) recorder.record(ns);
  return recorder;
}
