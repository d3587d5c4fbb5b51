import type { KeyRecord } from './key-record.ts';

/** Where contents are from, and which part of them. */
export interface ContentsOrigin {
  /** How messages call it: the file, or the cluster's name or endpoints. */
  readonly name: string;
  /** At which all of it is read. Undefined: a file that doesn't say. */
  readonly revision: number | undefined;
  /** As etcd writes it, in hex. */
  readonly clusterId: string | undefined;
  /** What was asked for: the empty prefix is everything. */
  readonly prefixes: readonly Buffer[];
}

/** What a cluster or a dump holds at one revision. */
export interface Contents extends AsyncDisposable {
  readonly origin: ContentsOrigin;
  /**
   * All keys, ascending by their bytes, each once. Whatever fails rejects: OperationError where and why; what came before
   * it is true.
   */
  batches(): AsyncIterable<readonly KeyRecord[]>;
}
