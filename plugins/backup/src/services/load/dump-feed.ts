import { OperationError } from '@etcdperf/core/errors';
import type { Contents } from '../../contents/contents.ts';
import type { KeyRecord } from '../../contents/key-record.ts';
import type { BatchBuilder } from './batch-builder.ts';
import type { LeaseBook } from './lease-book.ts';
import type { LoadBatches } from './load-batches.ts';

export interface DumpFeedParts {
  readonly contents: Contents;
  readonly builder: BatchBuilder;
  readonly batches: LoadBatches;
  /** Undefined: keys are put without leases. */
  readonly leases: LeaseBook | undefined;
  readonly isSelected: (key: Buffer) => boolean;
  /** So many of the dump's keys were acknowledged by earlier processes. */
  readonly from: number;
  /** All that is to come again of these was pushed. */
  readonly onCaughtUp: () => void;
}

const NO_LEASE = Buffer.alloc(0);

/**
 * Makes batches of a dump's keys, as fast as they are taken. Keys that were acknowledged before come again where their lease
 * had run out since. Rejects where the dump can't be read to its end, or a lease can't be granted.
 */
export async function feedDump(parts: DumpFeedParts, signal: AbortSignal): Promise<void> {
  const { contents, batches, builder, from } = parts;
  let place = 0;
  let isCaughtUp = false;
  const send = async (end: number) => {
    const batch = builder.take(end);
    if (batch === undefined) return;
    batches.push(batch);
    await batches.room();
    signal.throwIfAborted();
  };
  const catchUp = async () => {
    if (isCaughtUp) return;
    isCaughtUp = true;
    await send(place);
    parts.onCaughtUp();
  };
  for await (const records of contents.batches()) {
    await parts.leases?.require(records.filter(({ key }) => parts.isSelected(key)));
    signal.throwIfAborted();
    for (const record of records) {
      // What comes again counts as acknowledged: it must not share a batch with what doesn't.
      if (place === from) await catchUp();
      if (isToBePut(parts, record, place)) {
        const { key, value, lease } = record;
        if (value === undefined)
          throw new OperationError('the dump has a key without its value', { where: contents.origin.name });
        if (builder.isFullFor(key, value)) await send(place);
        builder.add(key, value, lease === 0n ? NO_LEASE : (parts.leases?.fieldOf(lease) ?? NO_LEASE));
      }
      place += 1;
    }
  }
  await send(place);
  await catchUp();
  batches.end(place);
}

function isToBePut({ isSelected, from, leases }: DumpFeedParts, { key, lease }: KeyRecord, place: number): boolean {
  if (!isSelected(key)) return false;
  return place >= from || (lease !== 0n && leases?.isAgain(lease) === true);
}
