import type { LoadReport } from '@etcdperf/core/load';
import type { LeaseCounts } from './lease-book.ts';
import type { LeasePolicy, LoadMode } from './load-settings.ts';

/** How a load ended. */
export type LoadDumpEnding =
  | { readonly kind: 'complete' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'stopped'; readonly reason: string; readonly hint: string | undefined };

/** What a load came to: `result.json`, `--json`, and all that the text shows. */
export interface LoadResult {
  /** `backup:load`. */
  readonly command: string;
  readonly runFolder: string;
  readonly file: string;
  readonly endpoints: readonly string[];
  readonly mode: LoadMode;
  readonly leasePolicy: LeasePolicy;
  readonly ending: LoadDumpEnding;
  /** Keys of the dump; undefined: nobody knows. */
  readonly dumpKeys: number | undefined;
  /** How many of them, in their order, are dealt with: by this process and those before it. */
  readonly dumpKeysDone: number;
  /** Keys that etcd acknowledged to this process, and their bytes with the values. */
  readonly keys: number;
  readonly bytes: number;
  /** Of these, those that were there already; undefined: that is not looked at. */
  readonly there: number | undefined;
  /** Requests of this process that did not succeed, and were sent again. */
  readonly retries: number;
  /** Keys that earlier processes of this load had put; undefined: there were none. */
  readonly resumedAfter: number | undefined;
  readonly leases: LeaseCounts | undefined;
  readonly durationMs: number;
  readonly keysPerSec: number;
  /** The command that goes on; undefined: there is nothing left, or it can't be. */
  readonly resumeWith: string | undefined;
  /** Of this process. */
  readonly load: LoadReport;
}
