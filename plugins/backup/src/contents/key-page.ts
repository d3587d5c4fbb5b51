/**
 * Keys as they came from etcd, ascending, column by column and without an object for any of them: for what handles every
 * key of a large database. A page and its bytes are used again: what is kept of it must be copied.
 */
export interface KeyPage {
  /** Keys. */
  readonly length: number;
  /** Where keys and values lie. */
  readonly bytes: Buffer;
  /** Offsets in `bytes`, ends exclusive. Without values both ends of a value are the same. */
  readonly keyStart: Uint32Array;
  readonly keyEnd: Uint32Array;
  readonly valueStart: Uint32Array;
  readonly valueEnd: Uint32Array;
  readonly createRevision: Float64Array;
  readonly modRevision: Float64Array;
  readonly version: Float64Array;
  /** 0n: none. */
  readonly lease: BigInt64Array;
}
