import type { ClusterAccess, Target } from '@etcdperf/core/etcd';
import type { Threshold } from '@etcdperf/core/load';
import type { Workload } from '@etcdperf/core/workload';

/** Where a driver takes up the work of the one before it. */
export type ResumeFrom = 'etcd' | 'folder' | undefined;

/** What a driver is asked. Made from flags, or from a workload file and flags. */
export interface DriverSettings {
  /** `driver:run`. */
  readonly command: string;
  /** etcdperf's own. */
  readonly version: string;
  readonly inventory: { readonly path: string; readonly digest: string } | undefined;
  /** The flags, for the manifest and the CSV's parameters; without secrets. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly runsDir: string;
  readonly access: ClusterAccess;
  /** Where drivers register, find the end key and keep their state: the cluster under test unless told otherwise. */
  readonly controlAccess: ClusterAccess;
  readonly target: Target;
  readonly workload: Workload;
  /** Tells drivers apart, and finds a driver's state again after a restart: the pod's or the host's name. */
  readonly name: string;
  /** What `:ip` stands for. */
  readonly ip: string;
  /** The run ends when this key is written `true`. */
  readonly endKey: string;
  readonly resumeFrom: ResumeFrom;
  readonly thresholds: readonly Threshold[];
  readonly intervalMs: number;
  /** Rows of `pattern-interval` in the CSV file; undefined: none. */
  readonly statsIntervalMs: number | undefined;
  readonly csvFile: string | undefined;
  /** Where `/metrics` is served, 0 for any port; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  /** Stay after the summary, until a signal. */
  readonly staysAfterwards: boolean;
  /** What was written is deleted at the end. */
  readonly isCleanedUp: boolean;
}
