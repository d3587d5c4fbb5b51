import type { WatcherIndex } from './watcher-index.ts';

/** How far a watcher is, seen from one revision. */
export const Standing = {
  /** It was told of later ones. */
  passed: 0,
  /** It was told of this very revision, perhaps not of all its keys. */
  there: 1,
  /** It is not there yet. */
  behind: 2,
  /** Nothing is expected of it: etcd compacted it away before, or ended the watch. */
  excused: 3,
} as const;
export type Standing = (typeof Standing)[keyof typeof Standing];

/** What each watcher was told last, and what it could not be told. 16 bytes for each. */
export class WatcherStates {
  /** After `count()`: how many watchers see the key, and the sum of their marks. */
  counted = 0;
  marks = 0;
  readonly #index: WatcherIndex;
  readonly #lastRevisions: Float64Array;
  readonly #lastKeys: Float64Array;
  readonly #ended = new Set<number>();
  readonly #gaps = new Map<number, { readonly from: number; readonly to: number }[]>();

  constructor(index: WatcherIndex, watchers: number) {
    this.#index = index;
    this.#lastRevisions = new Float64Array(watchers);
    this.#lastKeys = new Float64Array(watchers).fill(-1);
  }

  lastRevision(watcher: number): number {
    return this.#lastRevisions[watcher]!;
  }

  lastKey(watcher: number): number {
    return this.#lastKeys[watcher]!;
  }

  pass(watcher: number, revision: number, key: number): void {
    this.#lastRevisions[watcher] = revision;
    this.#lastKeys[watcher] = key;
  }

  end(watcher: number): void {
    this.#ended.add(watcher);
  }

  /** Returns the first revision that the gap may hide. */
  addGap(watcher: number, to: number): number {
    const from = this.#lastRevisions[watcher]! + 1;
    const gaps = this.#gaps.get(watcher);
    if (gaps === undefined) this.#gaps.set(watcher, [{ from, to }]);
    else gaps.push({ from, to });
    return from;
  }

  standingAt(watcher: number, revision: number): Standing {
    const last = this.#lastRevisions[watcher]!;
    if (this.#gaps.size > 0 && this.#gaps.get(watcher)?.some(({ from, to }) => from <= revision && revision <= to))
      return Standing.excused;
    if (last > revision) return Standing.passed;
    if (last === revision) return Standing.there;
    return this.#ended.has(watcher) ? Standing.excused : Standing.behind;
  }

  /** A number that says which watcher it is; sums of them say which watchers. */
  markOf(watcher: number): number {
    let mark = Math.imul((watcher + 1) ^ 0x5bd1_e995, 0x85eb_ca6b);
    mark = Math.imul(mark ^ (mark >>> 13), 0xc2b2_ae35);
    return mark ^ (mark >>> 16);
  }

  count(key: number): void {
    this.counted = 0;
    this.marks = 0;
    this.#index.each(key, this.#add);
  }

  each(key: number, tell: (watcher: number) => void): void {
    this.#index.each(key, tell);
  }

  readonly #add = (watcher: number): void => {
    this.counted += 1;
    this.marks = (this.marks + this.markOf(watcher)) | 0;
  };
}
