import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';
import { bytesFieldSize, Method, RequestTemplate, writeBytesFieldHead } from '@etcdperf/core/wire';
import { type PatternKeyOptions, PatternKeys } from './pattern-keys.ts';
import { PatternPut } from './pattern-put.ts';

export interface PatternTxnPutOptions extends PatternKeyOptions {
  /** Puts in each transaction, every one of another key: no more than there are keys. */
  readonly operations: number;
}

/** TxnRequest.success, and RequestOp.request_put in it. */
const SUCCESS = 2;
const REQUEST_PUT = 2;

/** Transactions of several puts of a pattern's keys. etcd refuses one that puts the same key twice, so they differ. */
class PatternTxnPutOperation implements LoadOperation {
  readonly kinds = [{ name: 'txn', isWrite: true }];
  readonly #keys: PatternKeys;
  readonly #puts: readonly PatternPut[];
  /** Keys of this transaction, and bytes of each put. */
  readonly #chosen: Float64Array;
  readonly #putBytes: Int32Array;
  readonly #template = RequestTemplate.varying(Method.txn);
  readonly #request: LoadRequest = { template: this.#template, kind: 0 };

  constructor(keys: PatternKeys, operations: number) {
    this.#keys = keys;
    this.#puts = Array.from({ length: operations }, () => new PatternPut(keys));
    this.#chosen = new Float64Array(operations);
    this.#putBytes = new Int32Array(operations);
  }

  next(): LoadRequest {
    const chosen = this.#chosen;
    let whole = 0;
    for (let i = 0; i < chosen.length; i += 1) {
      let key = this.#keys.nextKey();
      // Of a key that is taken already, the next free neighbour.
      while (isAmong(chosen, i, key)) key = (key + 1) % this.#keys.space.size;
      chosen[i] = key;
      const bytes = this.#puts[i]!.choose(key);
      this.#putBytes[i] = bytes;
      whole += bytesFieldSize(bytesFieldSize(bytes));
    }
    this.#template.messageBytes = whole;
    return this.#request;
  }

  fill(bytes: Buffer, at: number): void {
    let end = at;
    for (let i = 0; i < this.#puts.length; i += 1) {
      const putBytes = this.#putBytes[i]!;
      end = writeBytesFieldHead(bytes, end, SUCCESS, bytesFieldSize(putBytes));
      end = writeBytesFieldHead(bytes, end, REQUEST_PUT, putBytes);
      end = this.#puts[i]!.write(bytes, end);
    }
  }
}

function isAmong(numbers: Float64Array, count: number, number: number): boolean {
  for (let i = 0; i < count; i += 1) if (numbers[i] === number) return true;
  return false;
}

const makePatternTxnPut: OperationFactory<PatternTxnPutOptions> = (options, share) =>
  new PatternTxnPutOperation(new PatternKeys(options, share), options.operations);

export default makePatternTxnPut;
