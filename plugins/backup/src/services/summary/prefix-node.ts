import { isWorthTelling, KeySum, type KeyTotals, type Measure } from './key-totals.ts';

/** Branches that are too small to be told one by one. */
export interface FoldedBranches {
  readonly branches: number;
  readonly totals: KeyTotals;
}

/** What is below a prefix. */
export interface PrefixNode {
  /** What its keys have in common, beyond the node that it is in. */
  readonly name: Buffer;
  readonly totals: KeyTotals;
  /** A single key, not what is below a prefix. */
  readonly isKey: boolean;
  readonly children: readonly PrefixNode[];
  readonly folded: FoldedBranches | undefined;
}

/** A node that is still being filled. */
export class OpenNode implements PrefixNode {
  readonly name: Buffer;
  readonly isKey: boolean;
  /** Its own keys; what its children have is added when these are closed. */
  readonly totals = new KeySum();
  children: OpenNode[] = [];
  #folded: { branches: number; readonly totals: KeySum } | undefined;

  constructor(name: Buffer, isKey = false) {
    this.name = name;
    this.isKey = isKey;
  }

  get folded(): FoldedBranches | undefined {
    return this.#folded;
  }

  fold(totals: KeyTotals, branches = 1): void {
    this.#folded ??= { branches: 0, totals: new KeySum() };
    this.#folded.branches += branches;
    this.#folded.totals.merge(totals);
  }

  /** Folds all below it that is less than this share of the whole. Returns how many nodes are left. */
  prune(whole: KeyTotals, share: number): number {
    const kept: OpenNode[] = [];
    let nodes = 0;
    for (const child of this.children) {
      if (isWorthTelling(child.totals, whole, share)) {
        kept.push(child);
        nodes += 1 + child.prune(whole, share);
      } else this.fold(child.totals);
    }
    this.children = kept;
    return nodes;
  }
}

/**
 * The same tree without what is less than this share of it all, and with no more than the `mostChildren` largest below
 * each prefix, largest first. A prefix with nothing but one longer prefix or one key below it is one with that.
 */
export function foldTree(root: PrefixNode, share: number, by: Measure, mostChildren = 20): PrefixNode {
  const fold = (node: PrefixNode): PrefixNode => {
    const kept = node.children
      .filter((child) => isWorthTelling(child.totals, root.totals, share))
      .sort((one, other) => other.totals[by] - one.totals[by])
      .slice(0, mostChildren);
    const told = new Set(kept);
    const left = node.children.filter((child) => !told.has(child));
    const folded = joined(node.folded, left);
    const [only] = kept;
    if (only !== undefined && kept.length === 1 && folded === undefined && node !== root)
      return fold({
        name: Buffer.concat([node.name, only.name]),
        totals: only.totals,
        isKey: only.isKey,
        children: only.children,
        folded: only.folded,
      });
    return { name: node.name, totals: node.totals, isKey: node.isKey, children: kept.map(fold), folded };
  };
  return fold(root);
}

function joined(folded: FoldedBranches | undefined, more: readonly PrefixNode[]): FoldedBranches | undefined {
  if (more.length === 0) return folded;
  const sum = new KeySum();
  if (folded !== undefined) sum.merge(folded.totals);
  for (const { totals } of more) sum.merge(totals);
  return { branches: (folded?.branches ?? 0) + more.length, totals: sum.totals() };
}
