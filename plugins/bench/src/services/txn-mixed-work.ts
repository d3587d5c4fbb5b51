import { operationModule } from '../operations/operation-module.ts';
import type { TxnMixedOptions } from '../operations/txn-mixed-operation.ts';
import { inspectKeys } from './inspect-keys.ts';
import { keyCleaner } from './key-cleaner.ts';
import type { BenchWork } from './run-bench.ts';

/** Transactions that read and transactions that write. */
export function txnMixedWork(options: TxnMixedOptions): BenchWork {
  const { subject } = options;
  const { keys } = options.writes;
  return {
    load: { kind: 'operation', module: operationModule('txn-mixed-operation'), options },
    expects: { keySpaceSize: keys.size, ...(subject.kind === 'fixed' && { reads: subject.range }) },
    inspect: async (site) => (subject.kind === 'keys' ? inspectKeys(site, subject.keys) : []),
    ...keyCleaner(keys),
  };
}
