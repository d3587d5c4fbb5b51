import type { LoadReport } from '@etcdperf/core/load';
import type { KeyValueOptions } from '../operations/key-value-options.ts';
import { operationModule } from '../operations/operation-module.ts';
import { type CompactionCounts, type CompactionOptions, compactRegularly } from './compact-regularly.ts';
import { compareHashes, type HashComparison } from './compare-hashes.ts';
import { keyCleaner } from './key-cleaner.ts';
import { keyBytes } from './key-space.ts';
import type { BenchWork } from './run-bench.ts';

export interface PutWorkOptions extends KeyValueOptions {
  readonly compaction: CompactionOptions | undefined;
  /** Whether the members' data are compared at the end. */
  readonly isHashChecked: boolean;
  /** How many puts there will be, where that is known. */
  readonly requests: number | undefined;
}

/** What the report has beyond every other's. */
export interface PutExtra {
  readonly compactions?: CompactionCounts;
  readonly hashes?: HashComparison;
}

export type PutReport = LoadReport & PutExtra;

/** Puts of single keys. */
export function putWork(options: PutWorkOptions): BenchWork<PutExtra> {
  const { keys, distribution, values, valueBytes, compaction, isHashChecked, requests } = options;
  const operation: KeyValueOptions = { keys, distribution, values, valueBytes };
  let compactions: CompactionCounts | undefined;
  return {
    load: { kind: 'operation', module: operationModule('put-operation'), options: operation },
    expects: {
      keySpaceSize: keys.size,
      expectedWrites: requests,
      expectedWriteBytes: requests === undefined ? undefined : requests * (keyBytes(keys) + valueBytes),
    },
    ...(compaction !== undefined && {
      async beside(site, signal) {
        compactions = await compactRegularly(site, compaction, signal);
      },
    }),
    ...((compaction !== undefined || isHashChecked) && {
      conclude: async (site) => ({
        ...(compactions !== undefined && { compactions }),
        ...(isHashChecked && { hashes: await compareHashes(site.settings.access) }),
      }),
    }),
    ...keyCleaner(keys),
  };
}
