import type { ClusterAccess, Target } from '@etcdperf/core/etcd';
import type { Finding } from '@etcdperf/core/load';

/** What becomes of keys that are there already. `empty`: there may be none below the dump's prefixes. */
export type LoadMode = 'empty' | 'overwrite' | 'only-missing';

/** `renew`: granted again, under the same ids, with the time that they had left; `drop`: keys are put without them. */
export type LeasePolicy = 'renew' | 'drop';

/** What is to be put: the same for all processes that work on one load. */
export interface LoadTask {
  /** `-`: stdin. */
  readonly file: string;
  readonly mode: LoadMode;
  readonly leases: LeasePolicy;
  /** Only keys below one of these; empty: all of the dump. */
  readonly prefixes: readonly Buffer[];
  /** A dump is taken, too, of which nobody can tell whether it is whole. */
  readonly isUnverified: boolean;
}

/** How it is to be put. */
export interface LoadManner {
  readonly connections: number;
  /** Transactions without an answer at any moment. */
  readonly clients: number;
  /** Keys; undefined: as fast as etcd takes them. */
  readonly ratePerSec: number | undefined;
  /** Of a transaction: keys, and bytes of keys and values; a key that is larger has one of its own. */
  readonly batchKeys: number;
  readonly batchBytes: number;
  /** Of one transaction. */
  readonly timeoutMs: number;
  /** How long etcd may take nothing at all before the load stops. */
  readonly patienceMs: number;
}

/** Everything that `backup:load` is asked. */
export interface LoadSettings {
  /** `backup:load`. */
  readonly command: string;
  /** etcdperf's own. */
  readonly version: string;
  readonly inventory: { readonly path: string; readonly digest: string } | undefined;
  /** The flags, for the manifest; without secrets. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly runsDir: string;
  readonly access: ClusterAccess;
  /** Which members get the transactions. */
  readonly target: Target;
  readonly manner: LoadManner;
  /** The command that goes on with a run, for people. */
  readonly resumeWith: (run: string) => string;
}

/** Whom a service tells what. */
export interface LoadContext {
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
  readonly onFinding: (finding: Finding) => void;
}
