import type { ProtoReader, ProtoWriter } from '../protobuf/index.ts';
import {
  type Bytes,
  type DeleteOptions,
  type DeleteResult,
  NO_HEADER,
  type PutOptions,
  type PutResult,
  type RangeOptions,
  type RangeResult,
  type ResponseHeader,
  readDeleteRange,
  readHeader,
  readPut,
  readRange,
  writeDeleteRange,
  writePut,
  writeRange,
} from './kv.ts';

/** One condition of a transaction: `target` of `key` `is` `value`. A key that is not there has 0 everywhere. */
export type Compare = { readonly key: Bytes; readonly is: '=' | '!=' | '>' | '<' } & (
  | { readonly target: 'version' | 'create' | 'mod'; readonly value: number }
  | { readonly target: 'value'; readonly value: Bytes }
  | { readonly target: 'lease'; readonly value: bigint }
);

export type TxnOperation =
  | ({ readonly kind: 'put'; readonly key: Bytes; readonly value: Bytes } & PutOptions)
  | ({ readonly kind: 'range'; readonly key: Bytes } & RangeOptions)
  | ({ readonly kind: 'delete'; readonly key: Bytes } & DeleteOptions)
  | ({ readonly kind: 'txn' } & Txn);

/** `success` is done when all of `compare` holds, else `failure`: at once, in one revision, in one round trip. */
export interface Txn {
  readonly compare?: readonly Compare[] | undefined;
  readonly success?: readonly TxnOperation[] | undefined;
  readonly failure?: readonly TxnOperation[] | undefined;
}

export type TxnResponse =
  | ({ readonly kind: 'put' } & PutResult)
  | ({ readonly kind: 'range' } & RangeResult)
  | ({ readonly kind: 'delete' } & DeleteResult)
  | ({ readonly kind: 'txn' } & TxnResult);

export interface TxnResult {
  readonly header: ResponseHeader;
  /** Which branch was taken. */
  readonly succeeded: boolean;
  /** One for each operation of that branch, in its order. */
  readonly responses: readonly TxnResponse[];
}

const COMPARISONS = { '=': 0, '>': 1, '<': 2, '!=': 3 } as const;
const TARGETS = { version: 0, create: 1, mod: 2, value: 3, lease: 4 } as const;
/** The number of each target's value in the Compare message. */
const TARGET_FIELDS = { version: 4, create: 5, mod: 6, value: 7, lease: 8 } as const;

export function writeTxn(writer: ProtoWriter, txn: Txn): void {
  for (const compare of txn.compare ?? []) writer.message(1, compare, writeCompare);
  for (const operation of txn.success ?? []) writer.message(2, operation, writeOperation);
  for (const operation of txn.failure ?? []) writer.message(3, operation, writeOperation);
}

/** True when the transaction can change nothing, whichever branch is taken. */
export function isReadOnly(txn: Txn): boolean {
  return [...(txn.success ?? []), ...(txn.failure ?? [])].every(
    (operation) => operation.kind === 'range' || (operation.kind === 'txn' && isReadOnly(operation)),
  );
}

function writeCompare(writer: ProtoWriter, compare: Compare): void {
  writer.number(1, COMPARISONS[compare.is]).number(2, TARGETS[compare.target]).bytes(3, compare.key);
  const field = TARGET_FIELDS[compare.target];
  switch (compare.target) {
    case 'value':
      writer.presentBytes(field, compare.value);
      break;
    case 'lease':
      if (compare.value === 0n) writer.presentNumber(field, 0);
      else writer.bigint(field, compare.value);
      break;
    case 'version':
    case 'create':
    case 'mod':
      writer.presentNumber(field, compare.value);
      break;
    default:
      compare satisfies never;
  }
}

function writeOperation(writer: ProtoWriter, operation: TxnOperation): void {
  switch (operation.kind) {
    case 'range':
      writer.message(1, operation, writeRange);
      break;
    case 'put':
      writer.message(2, operation, writePut);
      break;
    case 'delete':
      writer.message(3, operation, writeDeleteRange);
      break;
    case 'txn':
      writer.message(4, operation, writeTxn);
      break;
    default:
      operation satisfies never;
  }
}

export function readTxn(reader: ProtoReader): TxnResult {
  const responses: TxnResponse[] = [];
  const result = { header: NO_HEADER, succeeded: false, responses };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) result.header = reader.message(readHeader);
    else if (field === 2) result.succeeded = reader.boolean();
    else if (field === 3) {
      const response = reader.message(readResponse);
      if (response !== undefined) responses.push(response);
    } else reader.skip();
  }
  return result;
}

function readResponse(reader: ProtoReader): TxnResponse | undefined {
  let response: TxnResponse | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) response = { kind: 'range', ...reader.message(readRange) };
    else if (field === 2) response = { kind: 'put', ...reader.message(readPut) };
    else if (field === 3) response = { kind: 'delete', ...reader.message(readDeleteRange) };
    else if (field === 4) response = { kind: 'txn', ...reader.message(readTxn) };
    else reader.skip();
  }
  return response;
}
