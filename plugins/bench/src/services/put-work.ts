import type { LoadReport } from '@etcdperf/core/load';
import type { KeyValueOptions } from '../operations/key-value-options.ts';
import { operationModule } from '../operations/operation-module.ts';
import type { PatternKeyOptions } from '../operations/pattern-keys.ts';
import { type CompactionCounts, type CompactionOptions, compactRegularly } from './compact-regularly.ts';
import { compareHashes, type HashComparison } from './compare-hashes.ts';
import { rangeCleaner } from './key-cleaner.ts';
import type { BenchWork } from './run-bench.ts';
import { isOfPattern, writtenKeys } from './written-keys.ts';

/** Numbered keys, or those of a pattern. */
export type PutWorkOptions = (KeyValueOptions | PatternKeyOptions) & PutWorkExtras;

interface PutWorkExtras {
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
  const { compaction, isHashChecked, requests, ...operation } = options;
  const { size, bytesPerWrite, own } = writtenKeys(operation);
  const module = isOfPattern(operation) ? 'pattern-put-operation' : 'put-operation';
  let compactions: CompactionCounts | undefined;
  return {
    load: { kind: 'operation', module: operationModule(module), options: operation },
    expects: {
      keySpaceSize: size,
      expectedWrites: requests,
      expectedWriteBytes: requests === undefined ? undefined : requests * bytesPerWrite,
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
    ...rangeCleaner(own),
  };
}
