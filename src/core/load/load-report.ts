import type { MemberWindow } from '../etcd/index.ts';
import type { LatencyFigures, RecorderJson } from '../stats/index.ts';
import type { LoadPlan } from './load-plan.ts';
import type { ErrorCount } from './load-source.ts';
import type { Finding } from './preflight.ts';
import type { ThresholdResult } from './threshold.ts';

export interface SeriesReport {
  readonly name: string;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  /** `ok` over `durationMs`. */
  readonly perSec: number;
  readonly latency: LatencyFigures;
  /** Mergeable with those of other runs. */
  readonly histogram: RecorderJson;
}

/** How busy this process was with making the load, over the measured window. */
export interface GeneratorReport {
  /** Of one core, all threads together: more than 100 with several. */
  readonly cpuPercent: number;
  /** Of one core, of a thread that makes load, on average over these. */
  readonly threadCpuPercent: number;
  /** Of all cores of this machine, whoever used them; etcd as well where it runs here. */
  readonly machineCpuPercent: number;
  /** Of the threads that make load; with several of them the worst thread's in its worst interval. */
  readonly eventLoopLagP99Ms: number;
  /** At the end. */
  readonly rssMb: number;
  /** A sentence when the generator and not etcd was the limit. */
  readonly verdict: string | undefined;
}

export interface MissedRate {
  readonly askedPerSec: number;
  readonly reachedPerSec: number;
  /** Sends had to wait since as many requests as allowed were without an answer. */
  readonly isInFlightFull: boolean;
}

/** How the load ended. */
export type LoadEnding =
  | { readonly kind: 'complete' }
  | { readonly kind: 'interrupted' }
  /** A threshold marked `abort` was missed. */
  | { readonly kind: 'aborted'; readonly threshold: string }
  /** Going on made no sense: the quota is used up, the login is refused. */
  | { readonly kind: 'stopped'; readonly reason: string; readonly hint?: string };

/** What a load was and what came of it: `result.json`, `--json`, and all that the text shows. */
export interface LoadReport {
  /** `bench:put`. */
  readonly command: string;
  readonly runFolder: string;
  /** Of the measured window, ISO 8601. */
  readonly startedAt: string;
  /** From the first send to the last outcome. */
  readonly durationMs: number;
  /** The last part of it, when nothing more was sent and answers were waited for. */
  readonly drainMs: number;
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
  readonly missedRate: MissedRate | undefined;
  readonly counters: Readonly<Record<string, number>>;
  readonly generator: GeneratorReport;
  readonly members: readonly MemberWindow[];
  readonly findings: readonly Finding[];
  readonly thresholds: readonly ThresholdResult[];
}
