import type { ClusterAccess } from '@etcdperf/core/etcd';
import { ProtoReader, WireClient, WireError } from '@etcdperf/core/wire';
import type { PutBatch } from './put-batch.ts';

/**
 * Which key of a refused batch it was that the user may not put. Nothing is put: etcd also checks the operations of a
 * transaction that it doesn't carry out. Undefined where it can't be found any more.
 */
export async function findRefusedKey(access: ClusterAccess, batch: PutBatch): Promise<Buffer | undefined> {
  try {
    await using client = await WireClient.connect({ ...access, requestTimeoutMs: 5000 });
    for (const key of keysOf(batch)) if (await isRefused(client, key)) return key;
  } catch {
    // The refusal itself is told in any case.
  }
  return undefined;
}

async function isRefused(client: WireClient, key: Buffer): Promise<boolean> {
  try {
    // Without a condition the other branch is taken.
    await client.txn({ failure: [{ kind: 'put', key, value: '' }] });
    await client.txn({ failure: [{ kind: 'range', key }] });
    return false;
  } catch (error) {
    if (error instanceof WireError && error.reason === 'permission-denied') return true;
    throw error;
  }
}

/** The keys that a batch's message puts, in their order. */
export function keysOf({ kind, message }: PutBatch): readonly Buffer[] {
  const reader = new ProtoReader(message);
  return kind === 'put' ? [readPutKey(reader)] : readTxnKeys(reader);
}

/** TxnRequest.success. */
function readTxnKeys(reader: ProtoReader): Buffer[] {
  const keys: Buffer[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) keys.push(...reader.message(readOperationKeys));
    else reader.skip();
  }
  return keys;
}

/** RequestOp: a put or another transaction. */
function readOperationKeys(reader: ProtoReader): Buffer[] {
  const keys: Buffer[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) keys.push(reader.message(readPutKey));
    else if (field === 4) keys.push(...reader.message(readTxnKeys));
    else reader.skip();
  }
  return keys;
}

function readPutKey(reader: ProtoReader): Buffer {
  let key: Buffer = Buffer.alloc(0);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.copy();
    else reader.skip();
  }
  return key;
}
