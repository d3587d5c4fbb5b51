import { setTimeout as sleep } from 'node:timers/promises';
import { prefixEnd, type RangeResult, type WireClient } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import { judgeRead, knownOf } from './judge-read.ts';
import type { KeyLedger } from './key-ledger.ts';
import { keyBytes, readNow } from './read-key.ts';

/** Bytes that are asked for at once. */
const PAGE_BYTES = 1 << 20;
const MOST_PAGE_KEYS = 2000;
/** Where fewer keys are followed than one of so many, they are read one by one. */
const SPARSE = 20;
const READS_AT_ONCE = 32;
const TRIES = 3;
const RETRY_MS = 1000;
/** Keys that a page lacks are read once more by themselves, so many of them. */
const MOST_CONFIRMED = 10_000;
/** Keys that tell what all keys begin with. */
const PREFIX_KEYS = 64;

export interface KeyReading {
  readonly ledger: KeyLedger;
  readonly space: PatternSpace;
  readonly client: WireClient;
  readonly signal: AbortSignal;
  /** So many followed keys are read so far. */
  onRead(keys: number): void;
}

/** Reads all followed keys as they are now, and judges them. Rejects with a WireError, or the signal's reason. */
export async function readAllKeys(reading: KeyReading): Promise<void> {
  const { keys } = reading.ledger;
  const isDense = keys.size / keys.count <= SPARSE && isInvertible(reading.space);
  if (isDense) await readPages(reading);
  else await readSingly(reading, numbersBelow(keys.count), 0);
}

async function readPages(reading: KeyReading): Promise<void> {
  const { ledger, space, client, signal, onRead } = reading;
  const { keys } = ledger;
  const limit = pageKeys(space);
  const prefix = commonPrefix(space);
  const rangeEnd = prefixEnd(prefix);
  const isRead = new Uint8Array(keys.count);
  let read = 0;
  for (let from: Buffer | undefined = prefix.length === 0 ? Buffer.of(0) : prefix; from !== undefined; ) {
    const start = from;
    const page: RangeResult = await tried(signal, () => client.range(start, { rangeEnd, limit, signal }));
    for (const kv of page.kvs) {
      const key = space.keyAt(kv.key, 0, kv.key.length);
      const slot = key < 0 ? -1 : keys.slotOf(key);
      if (slot < 0) continue;
      // What became known since the page was read can't be in it: the key is read again.
      if (ledger.revisionOf(slot) > page.header.revision) continue;
      isRead[slot] = 1;
      read += 1;
      judgeRead(ledger, slot, knownOf(ledger, slot), kv);
    }
    onRead(read);
    const last = page.kvs.at(-1);
    from = page.more && last !== undefined ? Buffer.concat([last.key, Buffer.of(0)]) : undefined;
  }
  const missing: number[] = [];
  for (let slot = 0; slot < keys.count; slot += 1) {
    if (isRead[slot] === 1) continue;
    const isExpected = ledger.heldAt(slot) >= 0;
    if (isExpected && missing.length < MOST_CONFIRMED) {
      missing.push(slot);
      continue;
    }
    if (isExpected) judgeRead(ledger, slot, knownOf(ledger, slot), undefined);
    read += 1;
  }
  onRead(read);
  await readSingly(reading, missing.values(), read);
}

/** @param slots shared by all who read */
async function readSingly(
  { ledger, space, client, signal, onRead }: KeyReading,
  slots: Iterator<number>,
  readBefore: number,
): Promise<void> {
  let read = readBefore;
  const readOn = async () => {
    for (let next = slots.next(); next.done !== true; next = slots.next()) {
      const slot = next.value;
      await tried(signal, () => readNow(ledger, space, client, slot, signal));
      read += 1;
      onRead(read);
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, readOn));
}

/** A cluster may just be choosing another leader. */
async function tried<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await read();
    } catch (error) {
      failures += 1;
      signal.throwIfAborted();
      if (failures === TRIES) throw error;
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

function pageKeys(space: PatternSpace): number {
  const bytesEach = space.maxKeyBytes + space.values.maxBytes + 50;
  return Math.max(1, Math.min(MOST_PAGE_KEYS, Math.floor(PAGE_BYTES / bytesEach)));
}

/** Of some keys: those that begin otherwise are read by themselves. */
function commonPrefix(space: PatternSpace): Buffer {
  const first = keyBytes(space, 0);
  let length = first.length;
  for (let number = 1; number <= PREFIX_KEYS; number += 1) {
    const bytes = keyBytes(space, Math.floor(((space.size - 1) * number) / PREFIX_KEYS));
    let same = 0;
    while (same < length && bytes[same] === first[same]) same += 1;
    length = same;
  }
  return first.subarray(0, length);
}

/** Whether a key's number can be told from the key. */
function isInvertible(space: PatternSpace): boolean {
  return [0, Math.floor(space.size / 2), space.size - 1].every((key) => {
    const bytes = keyBytes(space, key);
    return space.keyAt(bytes, 0, bytes.length) === key;
  });
}

function* numbersBelow(count: number): Generator<number> {
  for (let number = 0; number < count; number += 1) yield number;
}
