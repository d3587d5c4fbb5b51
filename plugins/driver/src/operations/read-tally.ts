import { KvScan } from '@etcdperf/core/wire';

/** Counts what answers to range requests hold. */
export class ReadTally {
  requests = 0;
  /** In the ranges: those that a limit kept back, too. */
  keys = 0;
  /** Of the keys and values that came. */
  bytes = 0;
  readonly #scan = new KvScan();

  add(bytes: Buffer, start: number, end: number): void {
    this.#scan.range(bytes, start, end, true);
    this.requests += 1;
    this.keys += this.#scan.count;
    this.bytes += this.#scan.bytes;
  }
}
