import { operationModule } from '../operations/operation-module.ts';
import type { PatternTxnPutOptions } from '../operations/pattern-txn-put-operation.ts';
import type { TxnPutOptions } from '../operations/txn-put-operation.ts';
import { rangeCleaner } from './key-cleaner.ts';
import type { BenchWork } from './run-bench.ts';
import { isOfPattern, writtenKeys } from './written-keys.ts';

/** Transactions of several puts. */
export function txnPutWork(options: TxnPutOptions | PatternTxnPutOptions, requests: number | undefined): BenchWork {
  const { operations } = options;
  const { size, bytesPerWrite, own } = writtenKeys(options);
  const module = isOfPattern(options) ? 'pattern-txn-put-operation' : 'txn-put-operation';
  const writes = requests === undefined ? undefined : requests * operations;
  return {
    load: { kind: 'operation', module: operationModule(module), options },
    expects: {
      keySpaceSize: size,
      expectedWrites: writes,
      expectedWriteBytes: writes === undefined ? undefined : writes * bytesPerWrite,
    },
    ...rangeCleaner(own),
  };
}
