import { operationModule } from '../operations/operation-module.ts';
import type { TxnPutOptions } from '../operations/txn-put-operation.ts';
import { keyCleaner } from './key-cleaner.ts';
import { keyBytes } from './key-space.ts';
import type { BenchWork } from './run-bench.ts';

/** Transactions of several puts. */
export function txnPutWork(options: TxnPutOptions, requests: number | undefined): BenchWork {
  const { keys, valueBytes, operations } = options;
  const writes = requests === undefined ? undefined : requests * operations;
  return {
    load: { kind: 'operation', module: operationModule('txn-put-operation'), options },
    expects: {
      keySpaceSize: keys.size,
      expectedWrites: writes,
      expectedWriteBytes: writes === undefined ? undefined : writes * (keyBytes(keys) + valueBytes),
    },
    ...keyCleaner(keys),
  };
}
