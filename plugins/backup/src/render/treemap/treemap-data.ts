import { keyText } from '../../services/key-text.ts';
import type { KeyTotals } from '../../services/summary/key-totals.ts';
import type { FoldedBranches, PrefixNode } from '../../services/summary/prefix-node.ts';

/** A node as the page's script knows it, with short names: there may be thousands. */
export interface TreemapNode {
  /** Its name, without those of the nodes that it is in. */
  readonly n: string;
  /** Bytes, keys, versions, the largest value's bytes, keys with a lease. */
  readonly t: readonly [number, number, number, number, number];
  readonly c?: readonly TreemapNode[];
  /** So many small branches together. */
  readonly o?: number;
}

export function treemapData({ name, totals, children, folded }: PrefixNode): TreemapNode {
  const below = [...children.map(treemapData), ...(folded === undefined ? [] : [othersOf(folded)])];
  return { n: keyText(name), t: figures(totals), ...(children.length > 0 && { c: below }) };
}

function othersOf({ branches, totals }: FoldedBranches): TreemapNode {
  return { n: branches === 1 ? '1 other' : `${branches} others`, t: figures(totals), o: branches };
}

function figures({ bytes, keys, versions, largestValueBytes, leased }: KeyTotals): TreemapNode['t'] {
  return [bytes, keys, versions, largestValueBytes, leased];
}
