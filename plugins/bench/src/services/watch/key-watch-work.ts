import type { ValueKind } from '@etcdperf/core/workload';
import { Random } from '@etcdperf/core/workload';
import type { BenchWork } from '../run-bench.ts';
import { planKeyWatchers } from './watch-plan.ts';
import { type WatchExtra, watchWork } from './watch-work.ts';

export interface KeyWatchOptions {
  readonly prefix: string;
  /** Of a key, after the prefix. */
  readonly digits: number;
  /** They take turns with the watched keys. */
  readonly watchers: number;
  /** They are written in turn. */
  readonly watchedKeys: number;
  /** Where the watched keys are chosen from. */
  readonly keySpaceSize: number;
  /** Choose one after the other; else at random. */
  readonly isSequential: boolean;
  readonly prevKv: boolean;
  /** Of the watchers. */
  readonly connections: number;
  readonly streams: number;
  readonly values: ValueKind;
  readonly valueBytes: number;
  /** Whether all lags are reported, or only that from the intended start. */
  readonly isLagDetailed: boolean;
}

/** Watchers of single keys, and puts to these. */
export function keyWatchWork(options: KeyWatchOptions): BenchWork<WatchExtra> {
  const { prefix, digits, watchers, prevKv, keySpaceSize, connections, streams, values, valueBytes, isLagDetailed } =
    options;
  return watchWork({
    keys: { prefix, levels: [keySpaceSize], digits },
    connections,
    streams,
    values,
    valueBytes,
    deletePercent: 0,
    isLagDetailed,
    plan: (keys, seed) => planKeyWatchers(keys, watchedKeys(options, seed), watchers, { prevKv }),
    choose: (_keys, seed) => inTurn(watchedKeys(options, seed)),
  });
}

/** By number. */
function watchedKeys({ watchedKeys: count, keySpaceSize, isSequential }: KeyWatchOptions, seed: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) =>
    isSequential ? index % keySpaceSize : random.below(keySpaceSize),
  );
}

function inTurn(keys: readonly number[]): { next(): number } {
  let index = -1;
  return {
    next() {
      index = index + 1 === keys.length ? 0 : index + 1;
      return keys[index]!;
    },
  };
}
