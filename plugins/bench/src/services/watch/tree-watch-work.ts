import { type KeyDistribution, makeKeySource, type ValueKind } from '@etcdperf/core/workload';
import type { BenchWork } from '../run-bench.ts';
import { planTreeWatchers } from './watch-plan.ts';
import { type WatchExtra, watchWork } from './watch-work.ts';

export interface TreeWatchOptions {
  readonly prefix: string;
  /** How many branches there are at each level, below each of the level above; the last are the keys. */
  readonly levels: readonly number[];
  /** How many watch a single key each. */
  readonly keyWatchers: number;
  /** How many watch all keys below a branch. */
  readonly branchWatchers: number;
  readonly prevKv: boolean;
  readonly connections: number;
  readonly streams: number;
  /** How writes choose their keys. */
  readonly distribution: KeyDistribution;
  /** 0 to 100: how many of the writes delete. */
  readonly deletePercent: number;
  readonly values: ValueKind;
  readonly valueBytes: number;
}

/** Watchers of keys and of the branches above them, and writes to the keys. */
export function treeWatchWork(options: TreeWatchOptions): BenchWork<WatchExtra> {
  const { prefix, levels, keyWatchers, branchWatchers, prevKv, distribution, ...rest } = options;
  const digits = String(levels.at(-1)! - 1).length;
  return watchWork({
    ...rest,
    keys: { prefix, levels, digits },
    isLagDetailed: true,
    plan: (keys) => planTreeWatchers(keys, { keys: keyWatchers, branches: branchWatchers }, { prevKv }),
    choose: ({ size }, seed) => makeKeySource({ prefix, digits: 15, size }, distribution, { index: 0, count: 1, seed }),
  });
}
