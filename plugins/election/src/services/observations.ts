/** Which process something was told by. */
export interface Origin {
  /** The host's name in the inventory. */
  readonly host: string;
  /** The daemon's name, unique on its host. */
  readonly process: string;
}

/** What one candidate went through to become master, once. Times are its host's wall clock, ns since 1970. */
export interface Term extends Origin {
  readonly candidate: string;
  readonly round: number;
  /** The revision of the transaction that made it master: what fences it. */
  readonly rev: number;
  /** When it was told that the office is vacant; undefined where nobody had to tell it (the first round). */
  readonly notifiedNs: bigint | undefined;
  readonly electedNs: bigint;
  readonly grantedTtlSeconds: number;
  payloadNs: bigint | undefined;
  recovered: { readonly keys: number; readonly bytes: number; readonly ms: number } | undefined;
  /** When it knew that it is no longer master, ended, or was killed; undefined while it believes. */
  endedNs: bigint | undefined;
}

/** What one agent went through in one round. */
export interface AgentRound {
  readonly host: string;
  readonly identity: string;
  readonly master: string;
  readonly round: number;
  /** When it was told that the last master is gone; in its first round, when it started. */
  readonly fromNs: bigint;
  readonly isFirst: boolean;
  /** When it had the new master and its payload. */
  readonly gotNs: bigint;
}

/** Changes that an agent did not see. */
export interface Gap {
  readonly identity: string;
  readonly fromRev: number;
  readonly toRev: number;
}

/** How busy an agents process was, during one interval. */
export interface Interval extends Origin {
  readonly atNs: bigint;
  readonly cpuPercent: number;
  readonly eventLoopLagP99Ms: number;
}

/** A moment on one host's wall clock, in nanoseconds since 1970. */
export interface Moment {
  readonly host: string;
  readonly atNs: bigint;
}
