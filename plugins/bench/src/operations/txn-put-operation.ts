import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';
import { Method, ProtoWriter, RequestTemplate, writeTxn } from '@etcdperf/core/wire';
import { type KeySource, makeKeySource, type ValueSource } from '@etcdperf/core/workload';
import { fieldSpans } from './field-spans.ts';
import type { KeyValueOptions } from './key-value-options.ts';
import { threadValues } from './thread-values.ts';

export interface TxnPutOptions extends KeyValueOptions {
  /** Puts in each transaction, every one of another key: no more than there are keys. */
  readonly operations: number;
}

/** Transactions of several puts. etcd refuses one that puts the same key twice, so their keys differ. */
class TxnPutOperation implements LoadOperation {
  readonly kinds = [{ name: 'txn', isWrite: true }];
  readonly #keys: KeySource;
  readonly #values: ValueSource;
  readonly #request: LoadRequest;
  /** The numbers of this transaction's keys. */
  readonly #chosen: Float64Array;
  /** From the first key to each key and to each value. */
  readonly #keyDistances: Int32Array;
  readonly #valueDistances: Int32Array;

  constructor(options: TxnPutOptions, keys: KeySource, values: ValueSource) {
    this.#keys = keys;
    this.#values = values;
    this.#chosen = new Float64Array(options.operations);
    const value = Buffer.alloc(values.length);
    values.write(value, 0);
    const writer = new ProtoWriter();
    writeTxn(writer, {
      success: Array.from({ length: options.operations }, (_, number) => {
        const key = Buffer.alloc(keys.length);
        keys.write(key, 0, number);
        return { kind: 'put', key, value };
      }),
    });
    const frame = writer.finish();
    const keyStarts = fieldSpans(frame, PUT_KEY).map(({ start }) => start);
    const firstKey = keyStarts[0]!;
    const isSameValue = options.values.kind === 'repeat';
    const valueStarts = isSameValue ? [] : fieldSpans(frame, PUT_VALUE).map(({ start }) => start);
    this.#keyDistances = Int32Array.from(keyStarts, (start) => start - firstKey);
    this.#valueDistances = Int32Array.from(valueStarts, (start) => start - firstKey);
    this.#request = { template: new RequestTemplate(Method.txn, frame, firstKey), kind: 0 };
  }

  next(): LoadRequest {
    const chosen = this.#chosen;
    const { size } = this.#keys.space;
    for (let count = 0; count < chosen.length; count += 1) {
      let key = this.#keys.next();
      // Of a key that is taken already, the next free neighbour.
      while (isAmong(chosen, count, key)) key = (key + 1) % size;
      chosen[count] = key;
    }
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    const chosen = this.#chosen;
    const keyDistances = this.#keyDistances;
    const valueDistances = this.#valueDistances;
    for (let i = 0; i < chosen.length; i += 1) this.#keys.write(bytes, at + keyDistances[i]!, chosen[i]!);
    for (let i = 0; i < valueDistances.length; i += 1) this.#values.write(bytes, at + valueDistances[i]!);
  }
}

/** TxnRequest.success, RequestOp.request_put, PutRequest.key and .value. */
const PUT_KEY = [2, 2, 1] as const;
const PUT_VALUE = [2, 2, 2] as const;

function isAmong(numbers: Float64Array, count: number, number: number): boolean {
  for (let i = 0; i < count; i += 1) if (numbers[i] === number) return true;
  return false;
}

const makeTxnPut: OperationFactory<TxnPutOptions> = (options, share) =>
  new TxnPutOperation(options, makeKeySource(options.keys, options.distribution, share), threadValues(options, share));

export default makeTxnPut;
