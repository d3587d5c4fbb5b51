import type { LoadReport } from '@etcdperf/core/load';
import type { KeySpace } from '@etcdperf/core/workload';
import type { KeyValueOptions } from '../../operations/key-value-options.ts';
import { operationModule } from '../../operations/operation-module.ts';
import { keyCleaner } from '../key-cleaner.ts';
import { keyBytes } from '../key-space.ts';
import type { BenchWork } from '../run-bench.ts';
import type { CheckVerdict } from './criterion.ts';
import { tidyMembers } from './tidy-members.ts';

export interface CheckOptions {
  /** See `requireEmptyPrefix`: nothing is left there afterwards. */
  readonly keys: KeySpace;
  readonly isSequential: boolean;
  readonly valueBytes: number;
  /** How many puts there will be. */
  readonly requests: number;
  readonly isCompacted: boolean;
  readonly isDefragmented: boolean;
  readonly judge: (report: LoadReport) => CheckVerdict;
}

/** What the report has beyond every other's. */
export interface CheckExtra {
  readonly check: CheckVerdict;
}

export type CheckReport = LoadReport & Partial<CheckExtra>;

/** Puts below a prefix that are judged, and deleted in the end: for settings that say so (`isCleanedUp`). */
export function checkWork(options: CheckOptions): BenchWork<CheckExtra> {
  const { keys, valueBytes, requests, isCompacted, isDefragmented } = options;
  const operation: KeyValueOptions = {
    keys,
    distribution: { kind: options.isSequential ? 'sequential' : 'uniform' },
    values: { kind: 'random' },
    valueBytes,
  };
  const cleaner = keyCleaner(keys);
  return {
    load: { kind: 'operation', module: operationModule('put-operation'), options: operation },
    expects: { expectedWriteBytes: requests * (keyBytes(keys) + valueBytes) },
    prepare: cleaner.prepare,
    conclude: async (_site, report) => ({ check: options.judge(report) }),
    async cleanUp(site) {
      await cleaner.cleanUp(site);
      await tidyMembers(site, { isCompacted, isDefragmented });
    },
  };
}
