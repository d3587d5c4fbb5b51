import type { ClusterAccess, Target } from '@etcdperf/core/etcd';
import type { LoadPlan, Threshold } from '@etcdperf/core/load';

/** What every bench command is asked, whatever it measures. `BenchCommand` makes it from flags. */
export interface BenchSettings {
  /** `bench:put`. */
  readonly command: string;
  /** etcdperf's own. */
  readonly version: string;
  readonly inventory: { readonly path: string; readonly digest: string } | undefined;
  /** The flags, for the manifest; without secrets. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly runsDir: string;
  /** The whole cluster as the flags name it. */
  readonly access: ClusterAccess;
  /** Which of its members get the load. */
  readonly target: Target;
  readonly plan: LoadPlan;
  readonly thresholds: readonly Threshold[];
  readonly intervalMs: number;
  /** How often the member list is asked for where the load goes; 0: never, it goes where `access` says. */
  readonly autoSyncMs: number;
  /** `--cleanup`: what the run writes is deleted after it, however it ends. */
  readonly isCleanedUp: boolean;
}
