import type { LatencyFigures } from '@etcdperf/core/stats';
import type { Cell, Combination, Dimension } from './sweep-plan.ts';

/** How a cell ended. */
export type CellStatus =
  | { readonly kind: 'done' }
  /** Done, and a threshold was missed: its figures count. */
  | { readonly kind: 'missed'; readonly thresholds: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string }
  /** By Ctrl-C in its middle: its figures are not counted. */
  | { readonly kind: 'interrupted' };

export interface CellSeries {
  readonly name: string;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly perSec: number;
  readonly latency: LatencyFigures;
}

/** A line of `cells.jsonl`. */
export interface CellResult extends Cell {
  readonly status: CellStatus;
  readonly startedAt: string;
  readonly durationMs: number;
  /** Empty when it failed. */
  readonly series: readonly CellSeries[];
  /** Of one core: the generator's own. */
  readonly cpuPercent: number | undefined;
  /** A sentence when the generator and not etcd was the limit. */
  readonly verdict: string | undefined;
  /** The cell's own run folder, with its histograms and samples. */
  readonly runFolder: string | undefined;
}

/** A figure over the repeats of a combination. NaN (in JSON: null) where there is none. */
export interface Spread {
  /** Of throughput the median; of latency what the repeats' merged histogram says. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

export const LATENCY_FIGURES = ['p50Ms', 'p90Ms', 'p99Ms', 'p999Ms', 'maxMs'] as const;

export interface SeriesSummary {
  readonly name: string;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly perSec: Spread;
  readonly latency: Readonly<Record<(typeof LATENCY_FIGURES)[number], Spread>>;
}

/** All repeats of a combination. */
export interface CombinationSummary {
  readonly combination: Combination;
  /** Repeats whose figures count. */
  readonly measured: number;
  readonly failed: number;
  readonly series: readonly SeriesSummary[];
}

/** A sweep and what came of it. */
export interface SweepReport {
  /** The command that was swept: `bench:range`. */
  readonly command: string;
  /** Its arguments and flags that were the same in all cells. */
  readonly words: readonly string[];
  readonly dimensions: readonly Dimension[];
  readonly repeats: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly ending: 'complete' | 'interrupted';
  readonly planned: number;
  readonly cells: readonly CellResult[];
  readonly combinations: readonly CombinationSummary[];
  readonly runFolder: string;
  /** Why what the sweep wrote is still there, although it was to be deleted. */
  readonly notCleaned: string | undefined;
}
