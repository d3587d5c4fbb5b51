import { operationModule } from '../operations/operation-module.ts';
import type { RangeOperationOptions } from '../operations/range-operation.ts';
import type { RangePagesOptions } from '../operations/range-pages-scenario.ts';
import { inspectKeys } from './inspect-keys.ts';
import type { BenchWork } from './run-bench.ts';

/** Reads of a range or of single keys, one request each. */
export function rangeWork(options: RangeOperationOptions): BenchWork {
  const { subject } = options;
  const load = { kind: 'operation', module: operationModule('range-operation'), options } as const;
  if (subject.kind === 'fixed') return { load, expects: { reads: subject.range } };
  const { keys } = subject;
  return { load, expects: { keySpaceSize: keys.size }, inspect: (site) => inspectKeys(site, keys) };
}

/** Reads of a range in pages. */
export function rangePagesWork(options: RangePagesOptions): BenchWork {
  return {
    load: { kind: 'scenario', module: operationModule('range-pages-scenario'), options },
    expects: { reads: options.range },
  };
}
