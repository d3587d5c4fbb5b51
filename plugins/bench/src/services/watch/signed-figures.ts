import type { LatencyRecorder } from '@etcdperf/core/stats';

/** Of durations that can be negative. Every figure but the counts is NaN (in JSON: null) where nothing was recorded. */
export interface SignedFigures {
  readonly count: number;
  /** How many are negative. */
  readonly early: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly p1Ms: number;
  readonly p10Ms: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

const NS_PER_MS = 1e6;

/**
 * The figures of all together.
 *
 * @param early the negative ones, without their sign
 * @param late the others
 */
export function signedFigures(early: LatencyRecorder, late: LatencyRecorder): SignedFigures {
  const count = early.count + late.count;
  const at = (percent: number) => Math.round(signedPercentile(early, late, percent)) / NS_PER_MS;
  const sum = late.toJSON().sumNs - early.toJSON().sumNs;
  return {
    count,
    early: early.count,
    minMs: at(0),
    meanMs: Math.round(sum / count) / NS_PER_MS,
    p1Ms: at(1),
    p10Ms: at(10),
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: at(100),
  };
}

/** In ns. The earliest come first. */
function signedPercentile(early: LatencyRecorder, late: LatencyRecorder, percent: number): number {
  const count = early.count + late.count;
  if (percent <= 0) return early.count > 0 ? -early.percentile(100) : late.percentile(0);
  if (percent >= 100) return late.count > 0 ? late.percentile(100) : -early.percentile(0);
  const rank = Math.max(1, Math.ceil((percent / 100) * count));
  // In the middle of its rank: a quotient that is rounded up must not be the next.
  if (rank <= early.count) return -early.percentile((100 * (early.count - rank + 0.5)) / early.count);
  return late.percentile((100 * (rank - early.count - 0.5)) / late.count);
}
