import type { MemberWindow } from '../etcd/index.ts';
import type { RecorderJson } from '../stats/index.ts';
import type { LoadPlan } from './load-plan.ts';
import type { ErrorCount } from './load-source.ts';
import type { Finding } from './preflight.ts';
import type { ThresholdResult } from './threshold.ts';

/** Of one series, or of how late sends were. NaN (in JSON: null) where nothing was recorded. */
export interface LatencyFigures {
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly stddevMs: number;
  readonly p10Ms: number;
  readonly p25Ms: number;
  readonly p50Ms: number;
  readonly p75Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly p9999Ms: number;
  readonly maxMs: number;
}

export interface SeriesReport {
  readonly name: string;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  /** `ok` over the measured window. */
  readonly perSec: number;
  readonly latency: LatencyFigures;
  /** Mergeable with those of other runs. */
  readonly histogram: RecorderJson;
}

/** How busy this process was with making the load. */
export interface GeneratorReport {
  /** Of one core, over the measured window; more than 100 with several threads. */
  readonly cpuPercent: number;
  readonly eventLoopLagP99Ms: number;
  readonly rssMb: number;
  /** A sentence when the generator and not etcd was the limit. */
  readonly verdict: string | undefined;
}

/** How the load ended. */
export type LoadEnding =
  | { readonly kind: 'complete' }
  | { readonly kind: 'interrupted' }
  /** A threshold marked `abort` was missed. */
  | { readonly kind: 'aborted'; readonly threshold: string }
  /** Going on made no sense: the quota is used up, the login is refused. */
  | { readonly kind: 'stopped'; readonly reason: string };

/** What a load was and what came of it: `result.json`, `--json`, and all that the text shows. */
export interface LoadReport {
  /** `bench:put`. */
  readonly command: string;
  readonly runFolder: string;
  /** Of the measured window, ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly ending: LoadEnding;
  readonly plan: LoadPlan;
  readonly endpoints: readonly string[];
  readonly series: readonly SeriesReport[];
  readonly errors: readonly ErrorCount[];
  readonly sent: number;
  readonly late: number;
  readonly dropped: number;
  /** Actual minus intended start; undefined for a closed loop. */
  readonly lateness: LatencyFigures | undefined;
  /** The rate that was reached, when the one asked for could not be held. */
  readonly missedRate: { readonly askedPerSec: number; readonly reachedPerSec: number } | undefined;
  readonly counters: Readonly<Record<string, number>>;
  readonly generator: GeneratorReport;
  readonly members: readonly MemberWindow[];
  readonly findings: readonly Finding[];
  readonly thresholds: readonly ThresholdResult[];
}
