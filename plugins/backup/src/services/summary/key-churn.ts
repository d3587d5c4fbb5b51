import type { Contents } from '../../contents/contents.ts';
import type { KeyRecord } from '../../contents/key-record.ts';
import { ascendingBatches } from '../ascending-batches.ts';
import { mergeJoin } from '../compare/merge-join.ts';
import { type KeyJson, keyJson } from '../key-json.ts';
import { TopList } from './top-list.ts';

/** What became of a key between two moments. */
export type KeyFate = 'created' | 'changed' | 'deleted' | 're-created';

/** A key that was written. */
export type ChurningKey = KeyJson & {
  readonly fate: KeyFate;
  /** Writes that its versions tell of: puts, and a deletion; there may have been more before a deletion. */
  readonly writes: number;
  readonly writesPerSec: number;
};

/** What was written between two moments. */
export interface KeyChurn {
  readonly seconds: number;
  readonly fromRevision: number;
  readonly toRevision: number;
  /** Transactions that wrote, of all keys of the cluster. */
  readonly revisionsPerSec: number;
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  readonly recreated: number;
  readonly writes: number;
  readonly writesPerSec: number;
  /** Most writes first. */
  readonly keys: readonly ChurningKey[];
}

/**
 * Compares what keys were at two moments with what they are. What came and went in between is seen by neither.
 *
 * @param before both of the same cluster, at revisions that they know
 */
export async function keyChurn(
  before: Contents,
  after: Contents,
  { seconds, top, signal }: { readonly seconds: number; readonly top: number; readonly signal: AbortSignal },
): Promise<KeyChurn> {
  const counts = { created: 0, changed: 0, deleted: 0, 're-created': 0 } satisfies Record<KeyFate, number>;
  const list = new TopList<ChurningKey>(top);
  let writes = 0;
  await mergeJoin(
    { batches: ascendingBatches(before, signal) },
    { batches: ascendingBatches(after, signal) },
    {
      visit(was, is) {
        const fate = fateOf(was, is);
        if (fate === undefined) return;
        const ofKey = writesOf(fate, was, is);
        counts[fate] += 1;
        writes += ofKey;
        const { key } = (is ?? was)!;
        list.add(ofKey, () => ({ ...keyJson(key), fate, writes: ofKey, writesPerSec: ofKey / seconds }));
      },
    },
  );
  const [fromRevision, toRevision] = [before.origin.revision ?? 0, after.origin.revision ?? 0];
  const { 're-created': recreated, ...rest } = counts;
  return {
    seconds,
    fromRevision,
    toRevision,
    revisionsPerSec: (toRevision - fromRevision) / seconds,
    ...rest,
    recreated,
    writes,
    writesPerSec: writes / seconds,
    keys: list.items(),
  };
}

/** Undefined: nothing. */
function fateOf(was: KeyRecord | undefined, is: KeyRecord | undefined): KeyFate | undefined {
  if (was === undefined) return 'created';
  if (is === undefined) return 'deleted';
  if (was.modRevision === is.modRevision) return undefined;
  return was.createRevision === is.createRevision ? 'changed' : 're-created';
}

function writesOf(fate: KeyFate, was: KeyRecord | undefined, is: KeyRecord | undefined): number {
  switch (fate) {
    case 'created':
      return is!.version;
    case 'deleted':
      return 1;
    case 'changed':
      return is!.version - was!.version;
    case 're-created':
      return 1 + is!.version;
    default:
      return fate satisfies never;
  }
}
