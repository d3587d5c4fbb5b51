import type { FaultSpec } from './fault-spec.ts';

/** A moment by the host's clock. */
export interface ReportedMoment {
  /** ISO 8601, milliseconds. */
  readonly at: string;
  /** How far `at` may be from true time: the clock's error bar and how long the step took. */
  readonly errorMs: number;
}

export type FaultOutcome =
  | { readonly kind: 'ended' }
  /** By Ctrl-C; undone all the same. */
  | { readonly kind: 'interrupted' }
  /** The host could not be reached in time: its own timer has undone it, or will. */
  | { readonly kind: 'left to the host'; readonly reason: string };

export interface FaultReport {
  readonly cluster: string;
  readonly member: string;
  /** A node where members are pods. */
  readonly host: string;
  readonly fault: FaultSpec;
  readonly outcome: FaultOutcome;
  /** How it was done, where there are several ways. */
  readonly method: string | undefined;
  readonly began: ReportedMoment;
  readonly ended: ReportedMoment | undefined;
  /** Between the two, on one clock. */
  readonly heldMs: number | undefined;
  readonly effect: FaultEffect;
  readonly notes: readonly string[];
}

/** What the cluster did from just before until it was well again. */
export interface FaultEffect {
  readonly leaderBefore: string | undefined;
  readonly leaderAfter: string | undefined;
  readonly leaderChanges: number;
  /** The longest time in which none of the other members answered a read that needs a leader. */
  readonly withoutServiceMs: number;
  /** From the end of the fault until all members were well and had caught up; undefined where nobody waited for it. */
  readonly recoveredMs: number | undefined;
}
