/** Which nodes watchers watch, each by its number. Deterministic, asked again and again. */
export interface WatchedNodes {
  readonly watchers: number;
  /** Watchers see all keys below their node; else only the node's own key. */
  readonly prefix: boolean;
  levelOf(watcher: number): number;
  /** Number of the node within its level. */
  nodeOf(watcher: number): number;
}

/** Is told what watchers see, synchronously and in the order it comes: no allocation. */
export interface WatchObserver {
  /**
   * @param key its number in the pattern's space; -1: none of it
   * @param bytes the value is `bytes[valueStart, valueEnd)`, valid during the call; empty for a delete
   * @param now by performance.now()
   */
  onEvent(
    watcher: number,
    key: number,
    type: 'put' | 'delete',
    bytes: Buffer,
    valueStart: number,
    valueEnd: number,
    revision: number,
    now: number,
  ): void;
  /** What the watcher had not seen up to this revision, inclusive, is compacted away; it goes on after it. */
  onGap(watcher: number, toRevision: number): void;
  /** etcd ended the watch for good: nothing more is expected of it. */
  onEnded(watcher: number): void;
  /** Every watcher is in place, and sees all that is later than this revision: from here on losses are looked for. */
  onAllInPlace(revision: number): void;
}
