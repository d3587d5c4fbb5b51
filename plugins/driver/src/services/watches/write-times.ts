/** Is told of each write of this driver that etcd acknowledged, synchronously on the hot path. */
export interface WriteTimes {
  /**
   * @param revision etcd's
   * @param startedAt when it was intended to start, by performance.now()
   */
  onWritten(revision: number, startedAt: number): void;
}
