import { makeValueSource, Random, type ValueKind } from '@etcdperf/core/workload';
import { rangeCleaner } from '../key-cleaner.ts';
import type { BenchSite, BenchWork } from '../run-bench.ts';
import { ownKeys } from './own-keys.ts';
import { tellTroubled } from './tell-troubled.ts';
import type { WatchFigures } from './watch-figures.ts';
import type { WatchKeys } from './watch-keys.ts';
import { WatchKeySpace } from './watch-keys.ts';
import { WatchLoad } from './watch-load.ts';
import type { WatchPlan } from './watch-plan.ts';

/** What the report has beyond every other's. */
export interface WatchExtra {
  readonly watch: WatchFigures;
}

export interface WatchWorkOptions {
  readonly keys: WatchKeys;
  /** Of the watchers. */
  readonly connections: number;
  readonly streams: number;
  readonly values: ValueKind;
  readonly valueBytes: number;
  /** 0 to 100. */
  readonly deletePercent: number;
  readonly isLagDetailed: boolean;
  /** Who watches what. */
  readonly plan: (keys: WatchKeySpace, seed: number) => WatchPlan;
  /** The numbers of the keys to write, one after the other. */
  readonly choose: (keys: WatchKeySpace, seed: number) => { next(): number };
}

/** Watchers, and writes that they see. */
export function watchWork(options: WatchWorkOptions): BenchWork<WatchExtra> {
  const { connections, streams, values, valueBytes, deletePercent, isLagDetailed } = options;
  const keys = new WatchKeySpace(options.keys);
  let load: WatchLoad | undefined;
  return {
    load({ access, settings, onStep }: BenchSite) {
      const { plan } = settings;
      const watch = options.plan(keys, plan.seed);
      const random = new Random(plan.seed);
      onStep(`putting ${watch.targets.length} watches in place`);
      load = new WatchLoad({
        access,
        plan,
        watch,
        connections,
        streams,
        chooser: options.choose(keys, plan.seed),
        values: makeValueSource(values, valueBytes, plan.seed),
        deleteShare: deletePercent / 100,
        random: () => random.fraction(),
        isLagDetailed,
      });
      return load;
    },
    async conclude({ run }: BenchSite) {
      if (load === undefined) throw new Error('a load was measured, so it was made');
      const made = load;
      const watch = tellTroubled(run, (tell) => made.figures(tell));
      return { watch };
    },
    ...rangeCleaner(ownKeys(keys)),
  };
}
