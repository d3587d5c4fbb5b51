/** A key as it stood at one revision of etcd. */
export interface KeyRecord {
  readonly key: Buffer;
  /** Undefined where values were left out. */
  readonly value: Buffer | undefined;
  /** Bytes, also where the value was left out; undefined where nobody knows. */
  readonly valueSize: number | undefined;
  /** 0, like the two that follow, where a dump was made without it. */
  readonly createRevision: number;
  readonly modRevision: number;
  /** Puts since the key was created. */
  readonly version: number;
  /** 0n: none. */
  readonly lease: bigint;
  /** Seconds that the lease had left when it was asked; -1: it was gone by then; undefined: no lease, or not asked. */
  readonly ttlSeconds: number | undefined;
}
