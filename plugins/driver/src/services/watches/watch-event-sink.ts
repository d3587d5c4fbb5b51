/** Is told what the watchers see, synchronously and within the read that brought it: no allocation. */
export interface WatchEventSink {
  /**
   * @param watcher `WatchedNodes` tells which node it watches
   * @param key its number in the pattern's space; -1: somebody else's key
   * @param bytes the value is `bytes[valueStart, valueEnd)`, empty for a delete; valid during the call
   * @param now when it was read, by performance.now()
   */
  onEvent(
    watcher: number,
    type: 'put' | 'delete',
    key: number,
    bytes: Buffer,
    valueStart: number,
    valueEnd: number,
    revision: number,
    now: number,
  ): void;
  /** What this watcher had not seen up to that revision was compacted away before it could: a gap, not a loss. */
  onGap(watcher: number, toRevision: number): void;
}
