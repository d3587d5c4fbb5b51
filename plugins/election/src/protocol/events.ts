/**
 * What the processes of an election tell, one JSON line each, in `events.jsonl`. All times are wall clock nanoseconds
 * since 1970 of the process's host, as decimal strings; revisions are etcd's.
 */
interface Base {
  /** When it happened. */
  readonly tNs: string;
}

/** Why a master knows that it is no longer one. */
export type LostReason =
  /** etcd answered a keepalive with TTL 0, or no longer knows the lease. */
  | 'lease-expired'
  /** No keepalive was answered within the granted TTL, counted from the sending of the last that was. */
  | 'lease-deadline'
  /** The master key was deleted. */
  | 'key-deleted'
  /** Somebody else's value or lease stands in the master key. */
  | 'key-replaced'
  /** A write that is valid only while it holds the office was refused by etcd. */
  | 'fenced'
  /** It was told to end. */
  | 'stopped';

export type CandidateEvent = Base & { readonly identity: string } & (
    | { readonly e: 'started'; readonly process: 'candidate'; readonly pid: number; readonly algorithm: string }
    | { readonly e: 'granted'; readonly leaseId: string; readonly ttlSeconds: number; readonly askedSeconds: number }
    /** It waits for the office that `master` holds; `ahead` is who it waits for in a queue. */
    | { readonly e: 'waiting'; readonly round: number; readonly master: string; readonly rev: number }
    /** The office is vacant: `round` is the one that begins, `rev` the revision of the deletion. */
    | { readonly e: 'notified'; readonly round: number; readonly rev: number }
    /** It believes to be master from now on; `rev` fences it. `from` is whose office it took, null in the first round. */
    | { readonly e: 'elected'; readonly round: number; readonly rev: number; readonly from: string | null }
    | { readonly e: 'payload'; readonly round: number; readonly rev: number }
    | {
        readonly e: 'recovered';
        readonly round: number;
        readonly keys: number;
        readonly bytes: number;
        readonly ms: number;
      }
    /** It no longer believes. `rev` is the office's (that of `elected`). */
    | { readonly e: 'lost'; readonly round: number; readonly rev: number; readonly reason: LostReason }
    | {
        readonly e: 'replicated';
        readonly round: number;
        readonly batch: string;
        readonly keys: number;
        readonly bytes: number;
        readonly ms: number;
      }
    | {
        readonly e: 'followed';
        readonly batch: string;
        readonly keys: number;
        readonly bytes: number;
        readonly ms: number;
      }
  );

export type AgentEvent = Base & {
  readonly identity: string;
} /** It has the round's master and payload. `notifiedNs`, or in its first round `startNs`, is when it began to look. */ & (
    | {
        readonly e: 'agent';
        readonly round: number;
        readonly master: string;
        readonly notifiedNs?: string;
        readonly startNs?: string;
        readonly gotNs: string;
        /** The revision that its read was answered at. */
        readonly rev: number;
        /** The revision that made the office vacant; 0 if it never saw that. */
        readonly deleteRev: number;
        /** How many reads it took. */
        readonly attempts: number;
        /** Whether the payload it got is this master's, an older one, or none (it waited for it, in vain). */
        readonly payload: 'current' | 'stale' | 'absent';
      }
    /** Its record stands in etcd, since `tNs`. */
    | { readonly e: 'recorded'; readonly round: number }
    /** Changes between these revisions were compacted away before it saw them. */
    | { readonly e: 'gap'; readonly fromRev: number; readonly toRev: number }
    /** Rounds that came and went without it. */
    | { readonly e: 'missed'; readonly fromRound: number; readonly toRound: number }
    | { readonly e: 'disconnected'; readonly why: string }
    /** Its watch goes on after a cut, from `fromRev`. */
    | { readonly e: 'resumed'; readonly fromRev: number; readonly endpoint: string }
    /** It gave up: its last state is unknown from here on. */
    | { readonly e: 'lost'; readonly why: string }
  );

export type ProcessEvent = Base &
  (
    | {
        readonly e: 'started';
        readonly process: 'agents';
        readonly pid: number;
        readonly count: number;
        readonly connections: number;
      }
    | {
        readonly e: 'interval';
        /** Of one core, over the interval. */
        readonly cpuPercent: number;
        readonly eventLoopLagP99Ms: number;
        readonly rssBytes: number;
        readonly connected: number;
        /** How many agents have recorded each round so far. */
        readonly registered: Readonly<Record<string, number>>;
        readonly gaps: number;
        readonly missed: number;
      }
    | { readonly e: 'error'; readonly message: string; readonly where?: string; readonly identity?: string }
    | { readonly e: 'stopped'; readonly why: StopReason; readonly identity?: string }
  );

export type StopReason = 'signal' | 'stop-key' | 'duration' | 'error';

export type ElectionEvent = CandidateEvent | AgentEvent | ProcessEvent;

/** The event in a line of `events.jsonl`; undefined for a line that isn't one (a killed process leaves a torn last line). */
export function parseElectionEvent(line: string): ElectionEvent | undefined {
  try {
    const event = JSON.parse(line) as Partial<ElectionEvent> | null;
    return typeof event?.e === 'string' && /^\d+$/.test(String(event.tNs)) ? (event as ElectionEvent) : undefined;
  } catch {
    return undefined;
  }
}
