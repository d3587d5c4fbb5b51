import type { ClusterAccess, Target } from '@etcdperf/core/etcd';

/** What is to be read of a cluster. */
export interface LiveRequest {
  readonly access: ClusterAccess;
  /** Empty: everything. */
  readonly prefixes: readonly Buffer[];
  /** Default: the one that the cluster is at. */
  readonly revision?: number | undefined;
  /** Values aren't asked for. */
  readonly keysOnly?: boolean | undefined;
  /** Only keys that were modified after this revision. */
  readonly sinceRevision?: number | undefined;
  /** How long leases have left, asked once for each. */
  readonly withTtl?: boolean | undefined;
  /** Default: all endpoints. */
  readonly target?: Target | undefined;
  /** Prefixes that are read at once. Default 1. */
  readonly parallel?: number | undefined;
  /** Of one try of a request. */
  readonly timeoutMs: number;
  /** How long no member may answer before it fails. Default: a minute. */
  readonly patienceMs?: number | undefined;
  readonly signal: AbortSignal;
  /** How messages call the cluster. Default: its endpoints. */
  readonly name?: string | undefined;
  readonly onProgress?: ((progress: LiveProgress) => void) | undefined;
}

export interface LiveProgress {
  /** Keys that were looked at so far. */
  readonly keys: number;
  /** Keys that there are below the prefixes. */
  readonly total: number;
}
