import type { KeyRecord } from '../../contents/key-record.ts';
import { isWorthTelling, KeySum } from './key-totals.ts';
import { OpenNode, type PrefixNode } from './prefix-node.ts';

export interface PrefixTreeOptions {
  /** Levels below the root. */
  readonly depth: number;
  /** Ends a level; not empty. */
  readonly separator: Buffer;
  /** What all keys begin with: the root's name, levels begin after it. */
  readonly prefix: Buffer;
  /** Branches of less than this share of all bytes, keys and versions are folded. */
  readonly leastShare: number;
}

/** So many nodes may come together before the tree is looked through for what has become too small. */
const PRUNE_NODES = 20_000;

/**
 * What keys come to per prefix, in bounded memory however many there are, and yet exact: as keys come in their order, a
 * branch is complete when the next one begins. One that is too small a share of what came until then is an even smaller
 * one of all there is, so it can be folded at once. What is not folded has all it ever had.
 */
export class PrefixTree {
  readonly #options: PrefixTreeOptions;
  readonly #whole = new KeySum();
  /** The root, and on each level the node that the last key is in. */
  readonly #open: OpenNode[];
  /** Where in the last key the names of the open nodes end. */
  readonly #ends: number[];
  #last: Buffer = Buffer.alloc(0);
  #nodes = 0;
  #pruneAt = PRUNE_NODES;

  constructor(options: PrefixTreeOptions) {
    this.#options = options;
    this.#open = [new OpenNode(options.prefix)];
    this.#ends = [options.prefix.length];
  }

  /** Keys must come ascending, all with the root's prefix. */
  add(record: KeyRecord): void {
    const { key } = record;
    const { depth } = this.#options;
    const common = commonLength(this.#last, key);
    while (this.#open.length > 1 && this.#ends.at(-1)! > common) this.#close();
    this.#last = key;
    this.#whole.add(record);
    while (this.#open.length <= depth) {
      const start = this.#ends.at(-1)!;
      const end = this.#levelEnd(key, start);
      if (end === undefined) {
        this.#addKey(record, start);
        return;
      }
      this.#open.push(new OpenNode(Buffer.from(key.subarray(start, end))));
      this.#ends.push(end);
    }
    this.#open.at(-1)!.totals.add(record);
  }

  /** The whole tree. Nothing can be added any more. */
  finish(): PrefixNode {
    while (this.#open.length > 1) this.#close();
    const [root] = this.#open;
    root!.prune(this.#whole, this.#options.leastShare);
    return root!;
  }

  /** A key as a branch of its own, where there is still a level for it. */
  #addKey(record: KeyRecord, start: number): void {
    const parent = this.#open.at(-1)!;
    parent.totals.add(record);
    const sum = new KeySum();
    sum.add(record);
    if (!isWorthTelling(sum, this.#whole, this.#options.leastShare)) {
      parent.fold(sum);
      return;
    }
    const node = new OpenNode(Buffer.from(record.key.subarray(start)), true);
    node.totals.merge(sum);
    this.#keep(parent, node);
  }

  #close(): void {
    const node = this.#open.pop()!;
    this.#ends.pop();
    const parent = this.#open.at(-1)!;
    parent.totals.merge(node.totals);
    if (isWorthTelling(node.totals, this.#whole, this.#options.leastShare)) this.#keep(parent, node);
    else parent.fold(node.totals);
  }

  #keep(parent: OpenNode, node: OpenNode): void {
    parent.children.push(node);
    this.#nodes += 1;
    if (this.#nodes < this.#pruneAt) return;
    this.#nodes = this.#open.reduce((sum, open) => sum + open.prune(this.#whole, this.#options.leastShare), 0);
    this.#pruneAt = Math.max(PRUNE_NODES, 2 * this.#nodes);
  }

  /** Where the level ends that begins at `start`, behind its separator. Undefined: the rest of the key has none. */
  #levelEnd(key: Buffer, start: number): number | undefined {
    const { separator } = this.#options;
    // A key's first separator begins its first level: '/registry/', not '/' and 'registry/'.
    const isLeading = start === 0 && separator.compare(key, 0, Math.min(separator.length, key.length)) === 0;
    const at = key.indexOf(separator, isLeading ? separator.length : start);
    return at < 0 ? undefined : at + separator.length;
  }
}

function commonLength(a: Buffer, b: Buffer): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}
