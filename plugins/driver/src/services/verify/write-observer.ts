import type { Outcome } from '@etcdperf/core/load';

/**
 * Is told what a driver writes and what becomes of it, synchronously on the hot path: no allocation. Keys are numbers of
 * the pattern's space, writes count from 0 over the whole run.
 */
export interface WriteObserver {
  /** A put is about to be sent. */
  onPutSent(key: number, write: number): void;
  /**
   * @param revision etcd's, 0 unless `ok`
   * @param startedAt when it was intended to start, by performance.now(); for who measures from there
   */
  onPutEnded(
    key: number,
    write: number,
    outcome: Outcome,
    revision: number,
    now: number,
    startedAt?: number | undefined,
  ): void;
  /** A delete of all keys from `firstKey` to before `endKey` is about to be sent. */
  onDeleteSent(firstKey: number, endKey: number): void;
  /** As `onPutEnded`. */
  onDeleteEnded(
    firstKey: number,
    endKey: number,
    outcome: Outcome,
    revision: number,
    now: number,
    startedAt?: number | undefined,
  ): void;
}
