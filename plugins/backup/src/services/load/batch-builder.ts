import { bytesFieldSize, writeBytesFieldHead } from '@etcdperf/core/wire';
import type { LoadMode } from './load-settings.ts';
import type { PutBatch } from './put-batch.ts';

/** Fields of TxnRequest, RequestOp, Compare and PutRequest. */
const TXN_COMPARE = 1;
const TXN_SUCCESS = 2;
const OP_PUT = 2;
const OP_TXN = 4;
const COMPARE_KEY = 3;
/** `version = 0`; target VERSION and result EQUAL are the defaults. */
const COMPARE_VERSION_0 = Buffer.from([4 << 3, 0]);
const PUT_KEY = 1;
const PUT_VALUE = 2;

interface Put {
  readonly key: Buffer;
  readonly value: Buffer;
  /** The field with the lease as it is written; empty for none. */
  readonly lease: Buffer;
  /** Of the PutRequest. */
  readonly size: number;
}

export interface BatchLimits {
  readonly mode: LoadMode;
  readonly keys: number;
  readonly bytes: number;
}

/**
 * Gathers puts into requests that keep to the limits. With `only-missing` each put is a transaction of its own inside the
 * request, done where the key's version is 0. They count as one operation more in etcd's --max-txn-ops.
 */
export class BatchBuilder {
  readonly #isConditional: boolean;
  readonly #mostKeys: number;
  readonly #mostBytes: number;
  #puts: Put[] = [];
  #bytes = 0;

  constructor({ mode, keys, bytes }: BatchLimits) {
    this.#isConditional = mode === 'only-missing';
    this.#mostKeys = this.#isConditional ? Math.max(1, keys - 1) : keys;
    this.#mostBytes = bytes;
  }

  /** Whether a put of this size has to wait for `take()`. */
  isFullFor(key: Buffer, value: Buffer): boolean {
    const count = this.#puts.length;
    return count > 0 && (count === this.#mostKeys || this.#bytes + key.length + value.length > this.#mostBytes);
  }

  /** @param lease the field of the PutRequest; empty for none */
  add(key: Buffer, value: Buffer, lease: Buffer): void {
    // An empty value is not there at all.
    const size = bytesFieldSize(key.length) + (value.length === 0 ? 0 : bytesFieldSize(value.length)) + lease.length;
    this.#puts.push({ key, value, lease, size });
    this.#bytes += key.length + value.length;
  }

  /** What was added since the last time; undefined if nothing was. @param end how many of the dump's keys were looked at */
  take(end: number): PutBatch | undefined {
    const puts = this.#puts;
    const [only] = puts;
    if (only === undefined) return undefined;
    const kind = puts.length === 1 && !this.#isConditional ? 'put' : 'txn';
    const batch = {
      end,
      keys: puts.length,
      bytes: this.#bytes,
      kind,
      message: kind === 'put' ? putMessage(only) : this.#isConditional ? conditionalTxn(puts) : txn(puts),
    } satisfies PutBatch;
    this.#puts = [];
    this.#bytes = 0;
    return batch;
  }
}

function putMessage(put: Put): Buffer {
  const message = Buffer.allocUnsafe(put.size);
  writePut(message, 0, put);
  return message;
}

function txn(puts: readonly Put[]): Buffer {
  let size = 0;
  for (const put of puts) size += bytesFieldSize(bytesFieldSize(put.size));
  const message = Buffer.allocUnsafe(size);
  let at = 0;
  for (const put of puts) at = writeSuccess(message, at, put);
  return message;
}

function conditionalTxn(puts: readonly Put[]): Buffer {
  // One alone needs no transaction in the transaction.
  const inner = puts.map((put) => compareSize(put) + bytesFieldSize(bytesFieldSize(put.size)));
  if (puts.length === 1) {
    const message = Buffer.allocUnsafe(inner[0]!);
    writeSuccess(message, writeCompare(message, 0, puts[0]!), puts[0]!);
    return message;
  }
  const message = Buffer.allocUnsafe(inner.reduce((sum, size) => sum + bytesFieldSize(bytesFieldSize(size)), 0));
  let at = 0;
  for (const [index, put] of puts.entries()) {
    const size = inner[index]!;
    at = writeBytesFieldHead(message, at, TXN_SUCCESS, bytesFieldSize(size));
    at = writeBytesFieldHead(message, at, OP_TXN, size);
    at = writeSuccess(message, writeCompare(message, at, put), put);
  }
  return message;
}

function compareSize({ key }: Put): number {
  return bytesFieldSize(bytesFieldSize(key.length) + COMPARE_VERSION_0.length);
}

function writeCompare(bytes: Buffer, at: number, { key }: Put): number {
  let end = writeBytesFieldHead(bytes, at, TXN_COMPARE, bytesFieldSize(key.length) + COMPARE_VERSION_0.length);
  end = writeBytesField(bytes, end, COMPARE_KEY, key);
  bytes.set(COMPARE_VERSION_0, end);
  return end + COMPARE_VERSION_0.length;
}

function writeSuccess(bytes: Buffer, at: number, put: Put): number {
  let end = writeBytesFieldHead(bytes, at, TXN_SUCCESS, bytesFieldSize(put.size));
  end = writeBytesFieldHead(bytes, end, OP_PUT, put.size);
  return writePut(bytes, end, put);
}

function writePut(bytes: Buffer, at: number, { key, value, lease }: Put): number {
  let end = writeBytesField(bytes, at, PUT_KEY, key);
  if (value.length > 0) end = writeBytesField(bytes, end, PUT_VALUE, value);
  bytes.set(lease, end);
  return end + lease.length;
}

function writeBytesField(bytes: Buffer, at: number, field: number, value: Buffer): number {
  const start = writeBytesFieldHead(bytes, at, field, value.length);
  bytes.set(value, start);
  return start + value.length;
}
