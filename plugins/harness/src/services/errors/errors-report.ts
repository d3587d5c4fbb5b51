import type { LogOrigin } from '../logs/log-source.ts';
import type { MemberClock } from '../logs/logs-report.ts';
import type { LogLevel } from '../logs/parse-log-line.ts';
import type { ErrorKindId } from './error-kinds.ts';
import type { GroundVerdict } from './judge-ground.ts';

/** What went wrong in a time window; all times ISO 8601 in UTC, by the clocks of the members' hosts. */
export interface ErrorsReport {
  readonly window: { readonly since: string; readonly until: string };
  /** The cluster that was asked for, then its neighbour. */
  readonly clusters: readonly ClusterErrors[];
  /** Of two clusters. */
  readonly verdict?: GroundVerdict;
}

export interface ClusterErrors {
  readonly cluster: string;
  /** Only kinds that occurred, the likeliest signs of a struggling ground first. */
  readonly kinds: readonly KindErrors[];
  readonly members: readonly MemberErrors[];
  /** Only minutes in which something occurred, in their order. */
  readonly minutes: readonly MinuteErrors[];
}

export interface KindErrors {
  readonly kind: ErrorKindId;
  readonly title: string;
  readonly cause: 'ground' | 'cluster' | 'mishap';
  readonly count: number;
  /** The longest that it took, where the lines say so. */
  readonly worstMs?: number;
  readonly first: string;
  readonly last: string;
  /** By member. */
  readonly members: Readonly<Record<string, number>>;
  /** The one that took longest, else the first. */
  readonly example: { readonly member: string; readonly line: string };
}

export interface MinuteErrors {
  /** Its beginning. */
  readonly minute: string;
  readonly count: number;
  readonly kinds: Readonly<Partial<Record<ErrorKindId, number>>>;
  readonly members: Readonly<Record<string, number>>;
}

export interface MemberErrors {
  readonly member: string;
  readonly origin?: LogOrigin;
  /** Lines of the window that were looked at, and how many of them etcd wrote in a form that is known. */
  readonly lines: number;
  readonly understood: number;
  readonly count: number;
  readonly kinds: Readonly<Partial<Record<ErrorKindId, number>>>;
  /** The finest level that it logs: as its flags say, else the finest that was seen. Not there where neither tells. */
  readonly level?: LogLevel;
  /** What lines of that level can't tell. */
  readonly unseen: readonly ErrorKindId[];
  readonly notes: readonly string[];
  readonly clock?: MemberClock;
  readonly sinceStart?: SinceStart;
  /** Why its log could not be read. */
  readonly failure?: { readonly message: string; readonly hint?: string };
}

/** What a member has counted since its process started, whatever it logs. Absent where its version has no such counter. */
export interface SinceStart {
  readonly startedAt?: string;
  readonly slowApplies?: number;
  readonly slowReads?: number;
  readonly leaderChanges?: number;
  readonly lateHeartbeats?: number;
  readonly failedProposals?: number;
  readonly peerSendFailures?: number;
  /** Why they could not be read. */
  readonly failure?: string;
}
