import { operationModule } from '../operations/operation-module.ts';
import type { StmOptions } from '../operations/stm-scenario.ts';
import { keyCleaner } from './key-cleaner.ts';
import type { BenchWork } from './run-bench.ts';

/** Transactions of software transactional memory. */
export function stmWork(options: StmOptions): BenchWork {
  return {
    load: { kind: 'scenario', module: operationModule('stm-scenario'), options },
    // A single key is what the peer's default is, and its conflicts are what is measured.
    ...keyCleaner(options.keys),
  };
}
