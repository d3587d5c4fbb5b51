import type { LogOrigin } from './log-source.ts';

/** What `harness:logs` gathered; all times ISO 8601 by the clocks of the members' hosts. */
export interface LogsReport {
  /** The run folder. */
  readonly dir: string;
  readonly outcome: 'done' | 'interrupted';
  readonly followed: boolean;
  readonly window: { readonly since?: string; readonly until?: string; readonly last?: number };
  /** A regular expression; without it every line was wanted. */
  readonly grep?: string;
  /** The cluster that was asked for, then its neighbour. */
  readonly clusters: readonly { readonly cluster: string; readonly members: readonly MemberLogReport[] }[];
}

export interface MemberLogReport {
  readonly member: string;
  readonly origin?: LogOrigin;
  /** Within the run folder; not there where the member wrote nothing in the window. */
  readonly file?: string;
  readonly lines: number;
  readonly bytes: number;
  /** Of the first and the last line. */
  readonly from?: string;
  readonly to?: string;
  /** The longest time between two lines. A healthy etcd that does little says nothing for hours. */
  readonly longestSilenceMs: number;
  /** From a process's last line to the start of the next one; at most the newest hundred. */
  readonly gaps: readonly LogGap[];
  /** What is lost, and where the log was taken up again. */
  readonly notes: readonly string[];
  /** How wrong its times can be against those of other hosts. */
  readonly clock?: MemberClock;
  /** Why it could not be read, or not to its end. */
  readonly failure?: { readonly message: string; readonly hint?: string };
}

export interface LogGap {
  readonly from: string;
  readonly to: string;
}

export interface MemberClock {
  /** Who says so: the host's chrony, an NTP server, or only this machine over the connection. */
  readonly source: 'chrony' | 'ntp' | 'ssh';
  readonly offsetMs: number;
  readonly errorBarMs: number;
}
