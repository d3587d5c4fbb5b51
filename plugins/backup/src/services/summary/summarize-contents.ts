import type { Contents } from '../../contents/contents.ts';
import type { KeyRecord } from '../../contents/key-record.ts';
import { ascendingBatches } from '../ascending-batches.ts';
import { type KeyJson, keyJson } from '../key-json.ts';
import { KeySum, type KeyTotals } from './key-totals.ts';
import { KindSums, type KindTotals } from './kind-totals.ts';
import type { PrefixNode } from './prefix-node.ts';
import { PrefixTree } from './prefix-tree.ts';
import { TopList } from './top-list.ts';

export interface SummaryOptions {
  /** Levels of the tree. */
  readonly depth: number;
  readonly separator: string;
  /** So many keys are told in each list. */
  readonly top: number;
  readonly signal: AbortSignal;
  readonly onKeys?: ((keys: number) => void) | undefined;
}

/** A key that stands out. */
export type TopKey = KeyJson & {
  readonly valueSize: number | undefined;
  readonly version: number;
  readonly createRevision: number;
  readonly modRevision: number;
};

/** What contents are made of. */
export interface ContentsSummary {
  readonly totals: KeyTotals;
  /** Leases that keys are bound to. `atLeast`: there are more than are counted. */
  readonly leases: { readonly count: number; readonly isAtLeast: boolean };
  /** Most bytes first; empty where no value is Kubernetes'. */
  readonly kinds: readonly KindTotals[];
  readonly largest: readonly TopKey[];
  /** Those that were put most often since they were created. */
  readonly mostVersions: readonly TopKey[];
  readonly tree: PrefixNode;
}

/** Branches below this share of everything are not worth a place in a picture. */
export const FINEST_SHARE = 1 / 2000;
/** Each takes some 50 bytes. */
const MOST_LEASES = 100_000;

/** Adds up all keys in one walk. Rejects as the contents do; InputError where their keys are not in their order. */
export async function summarizeContents(contents: Contents, options: SummaryOptions): Promise<ContentsSummary> {
  const { prefixes } = contents.origin;
  const sum = new KeySum();
  const kinds = new KindSums();
  const largest = new TopList<TopKey>(options.top);
  const mostVersions = new TopList<TopKey>(options.top);
  const leases = new Set<bigint>();
  let hasMoreLeases = false;
  const tree = new PrefixTree({
    depth: options.depth,
    separator: Buffer.from(options.separator),
    prefix: (prefixes.length === 1 ? prefixes[0] : undefined) ?? Buffer.alloc(0),
    leastShare: FINEST_SHARE,
  });
  for await (const batch of ascendingBatches(contents, options.signal)) {
    for (const record of batch) {
      sum.add(record);
      tree.add(record);
      kinds.add(record);
      if (record.valueSize !== undefined) largest.add(record.valueSize, () => topKey(record));
      if (record.version > 1) mostVersions.add(record.version, () => topKey(record));
      if (record.lease === 0n || leases.has(record.lease)) continue;
      if (leases.size < MOST_LEASES) leases.add(record.lease);
      else hasMoreLeases = true;
    }
    options.onKeys?.(sum.keys);
  }
  return {
    totals: sum.totals(),
    leases: { count: leases.size, isAtLeast: hasMoreLeases },
    kinds: kinds.sorted(),
    largest: largest.items(),
    mostVersions: mostVersions.items(),
    tree: tree.finish(),
  };
}

function topKey({ key, valueSize, version, createRevision, modRevision }: KeyRecord): TopKey {
  return { ...keyJson(key), valueSize, version, createRevision, modRevision };
}
