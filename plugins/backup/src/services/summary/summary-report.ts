import { keyText } from '../key-text.ts';
import type { DatabaseShare } from './database-share.ts';
import type { KeyTotals } from './key-totals.ts';
import type { ChurnResult } from './measure-churn.ts';
import type { PrefixNode } from './prefix-node.ts';
import type { ContentsSummary } from './summarize-contents.ts';

/** What is below a prefix, for reports. */
export interface TreeJson extends KeyTotals {
  /** Without the names of the nodes that it is in; what isn't printable as `\xff`. */
  readonly name: string;
  /** A single key. */
  readonly isKey: boolean;
  readonly children: readonly TreeJson[];
  /** All that is too small to be told one by one. */
  readonly others?: KeyTotals & { readonly branches: number };
}

/** What fills a database. */
export interface SummaryReport extends Omit<ContentsSummary, 'tree'> {
  /** The cluster's endpoints, or the file. */
  readonly name: string;
  readonly revision: number | undefined;
  readonly clusterId: string | undefined;
  /** Empty for everything. */
  readonly prefixes: readonly string[];
  readonly tree: TreeJson;
  /** Only of a cluster, and where all values were read. */
  readonly database?: DatabaseShare | undefined;
  readonly churn?: ChurnResult | undefined;
  /** One sentence for each thing that must be known to judge the figures. */
  readonly notes: readonly string[];
}

export function treeJson({ name, isKey, totals, children, folded }: PrefixNode): TreeJson {
  return {
    name: keyText(name),
    isKey,
    ...plain(totals),
    children: children.map(treeJson),
    ...(folded && { others: { branches: folded.branches, ...plain(folded.totals) } }),
  };
}

function plain(totals: KeyTotals): KeyTotals {
  const { keys, bytes, valueBytes, largestValueBytes, versions, leased, unsized } = totals;
  return { keys, bytes, valueBytes, largestValueBytes, versions, leased, unsized };
}
