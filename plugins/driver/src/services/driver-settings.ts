import type { ClusterAccess, Target } from '@etcdperf/core/etcd';
import type { Threshold } from '@etcdperf/core/load';
import type { Workload } from '@etcdperf/core/workload';
import type { Parameter } from './csv/csv-columns.ts';

/** Where a driver takes up the work of the one before it. */
export type ResumeFrom = 'etcd' | 'folder' | undefined;

/** The results file. */
export interface CsvSettings {
  readonly file: string;
  /** What its last columns say. */
  readonly parameters: Readonly<Record<Parameter, string>>;
  /** How often it gets a row of `pattern-interval`; undefined: never. */
  readonly statsIntervalMs: number | undefined;
}

/** What a driver is asked. Made from flags, or from a workload file and flags. */
export interface DriverSettings {
  /** `driver:run`. */
  readonly command: string;
  /** etcdperf's own. */
  readonly version: string;
  readonly inventory: { readonly path: string; readonly digest: string } | undefined;
  /** The flags, for the manifest; without secrets. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly runsDir: string;
  readonly access: ClusterAccess;
  /** Where drivers register, find the end key and keep their state: the cluster under test unless told otherwise. */
  readonly controlAccess: ClusterAccess;
  readonly target: Target;
  readonly workload: Workload;
  /** Requests without an answer at any moment; further ones wait, and that is in their latency. */
  readonly maxInFlight: number;
  /** Tells drivers apart, and finds a driver's state again after a restart: the pod's or the host's name. */
  readonly name: string;
  /** What `:ip` stands for. */
  readonly ip: string;
  /** The run ends when this key is written `true`. */
  readonly endKey: string;
  readonly resumeFrom: ResumeFrom;
  /** Another driver on the same hierarchy is no reason to refuse. */
  readonly sharesHierarchy: boolean;
  /** Goes on where etcd's quota has no room for all keys. */
  readonly isForced: boolean;
  readonly thresholds: readonly Threshold[];
  readonly intervalMs: number;
  readonly csv: CsvSettings | undefined;
  /** Where `/metrics` is served, port 0 for any; undefined: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** Stay after the summary, until a signal. */
  readonly staysAfterwards: boolean;
  /** What was written is deleted at the end. */
  readonly isCleanedUp: boolean;
}
