import type { LoadOperation, LoadRequest, OperationFactory } from '@etcdperf/core/load';
import { Method, ProtoWriter, RequestTemplate, writeTxn } from '@etcdperf/core/wire';
import { type KeySource, makeKeySource, Random, type ValueSource } from '@etcdperf/core/workload';
import { fieldSpans } from './field-spans.ts';
import type { KeyValueOptions } from './key-value-options.ts';
import { RangeCounter } from './range-counter.ts';
import { type RangeSubject, rangeOptionsOf } from './range-operation.ts';
import { threadValues } from './thread-values.ts';

export interface TxnMixedOptions {
  /** What transactions read. */
  readonly subject: RangeSubject;
  readonly limit: number;
  readonly isSerializable: boolean;
  /** What they write. */
  readonly writes: KeyValueOptions;
  /** Reads for each write. */
  readonly readsPerWrite: number;
}

const READ = 0;
const WRITE = 1;

/** Transactions that read, and transactions that write one key, mixed at random. */
class TxnMixedOperation implements LoadOperation {
  readonly kinds = [
    { name: 'read', isWrite: false },
    { name: 'write', isWrite: true },
  ];
  readonly #readKeys: KeySource | undefined;
  readonly #keys: KeySource;
  readonly #values: ValueSource;
  readonly #read: LoadRequest;
  readonly #write: LoadRequest;
  readonly #valueDistance: number;
  readonly #readShare: number;
  readonly #random: Random;
  readonly #returned = new RangeCounter();
  #chosen: LoadRequest;
  #key = 0;

  constructor(
    options: TxnMixedOptions,
    readKeys: KeySource | undefined,
    keys: KeySource,
    values: ValueSource,
    seed: number,
  ) {
    this.#readKeys = readKeys;
    this.#keys = keys;
    this.#values = values;
    this.#readShare = options.readsPerWrite / (1 + options.readsPerWrite);
    this.#random = new Random(seed);
    this.#read = { template: readTemplate(options, readKeys), kind: READ };
    const { template, valueAt } = writeTemplate(keys, values);
    this.#write = { template, kind: WRITE };
    const stays = options.writes.values.kind === 'repeat' || valueAt === undefined;
    this.#valueDistance = stays ? 0 : valueAt - template.patchOffset;
    this.#chosen = this.#write;
  }

  next(): LoadRequest {
    if (this.#random.fraction() < this.#readShare) {
      this.#chosen = this.#read;
      if (this.#readKeys !== undefined) this.#key = this.#readKeys.next();
    } else {
      this.#chosen = this.#write;
      this.#key = this.#keys.next();
    }
    return this.#chosen;
  }

  fill(bytes: Buffer, at: number): void {
    if (this.#chosen === this.#read) {
      this.#readKeys?.write(bytes, at, this.#key);
      return;
    }
    this.#keys.write(bytes, at, this.#key);
    if (this.#valueDistance > 0) this.#values.write(bytes, at + this.#valueDistance);
  }

  onMessage(kind: number, _sequence: number, bytes: Buffer, start: number, end: number): void {
    if (kind === READ) this.#returned.addTxn(bytes, start, end);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#returned.counters();
  }
}

function readTemplate(options: TxnMixedOptions, keys: KeySource | undefined): RequestTemplate {
  const { subject } = options;
  const range = subject.kind === 'fixed' ? subject.range : { key: Buffer.alloc(keys?.length ?? 0, '0') };
  const writer = new ProtoWriter();
  const how = rangeOptionsOf({ ...options, isKeysOnly: false, isCountOnly: false });
  writeTxn(writer, { success: [{ kind: 'range', ...range, ...how }] });
  const frame = writer.finish();
  // TxnRequest.success, RequestOp.request_range, RangeRequest.key.
  return new RequestTemplate(Method.txn, frame, fieldSpans(frame, [2, 1, 1])[0]!.start);
}

function writeTemplate(
  keys: KeySource,
  values: ValueSource,
): { template: RequestTemplate; valueAt: number | undefined } {
  const key = Buffer.alloc(keys.length);
  keys.write(key, 0, 0);
  const value = Buffer.alloc(values.length);
  values.write(value, 0);
  const writer = new ProtoWriter();
  writeTxn(writer, { success: [{ kind: 'put', key, value }] });
  const frame = writer.finish();
  // TxnRequest.success, RequestOp.request_put, PutRequest.key and .value.
  const keyAt = fieldSpans(frame, [2, 2, 1])[0]!.start;
  return { template: new RequestTemplate(Method.txn, frame, keyAt), valueAt: fieldSpans(frame, [2, 2, 2])[0]?.start };
}

const makeTxnMixed: OperationFactory<TxnMixedOptions> = (options, share) => {
  const { subject, writes } = options;
  // Seeds of their own: what is read must not follow what is written.
  const reads = { ...share, seed: share.seed + 0.25 };
  const readKeys = subject.kind === 'keys' ? makeKeySource(subject.keys, subject.distribution, reads) : undefined;
  const keys = makeKeySource(writes.keys, writes.distribution, share);
  const values = threadValues(writes, share);
  return new TxnMixedOperation(options, readKeys, keys, values, share.seed + 0.5);
};

export default makeTxnMixed;
