import type { ClusterStatus, MemberFigures, MemberStatus } from '@etcdperf/core/etcd';

/** One look at a cluster: what its members say, and what they run in. */
export interface StatusReport extends ClusterStatus {
  /** ISO 8601. */
  readonly takenAt: string;
  readonly members: readonly MemberReport[];
}

export interface MemberReport extends MemberStatus {
  /** Entries that are committed, as far as anybody knows, and that this member has not applied yet. */
  readonly appliedLag: number | undefined;
  readonly figures: MemberFigures | undefined;
  /** Why there are no figures. */
  readonly figuresProblem: string | undefined;
  /** Established by clients, ours and the member's own left out; undefined where that can't be seen. */
  readonly connections: number | undefined;
  /** Only on Kubernetes. */
  readonly pod: PodState | undefined;
}

export interface PodState {
  readonly name: string;
  /** Undefined while it is not scheduled. */
  readonly node: string | undefined;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** How the container ended last. */
  readonly lastEnd: { readonly reason: string; readonly exitCode: number; readonly at: string | undefined } | undefined;
  /** When the container began, ISO 8601. */
  readonly startedAt: string | undefined;
  /** Why it doesn't run. */
  readonly troubles: readonly string[];
}
