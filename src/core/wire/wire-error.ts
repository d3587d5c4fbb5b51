import { type ErrorDetails, OperationError } from '../errors/index.ts';
import { GrpcStatus } from './grpc-status.ts';

/**
 * `fail`: it did not happen, for certain. `unknown`: a write that may have happened; nobody can tell from the answer.
 * Reads change nothing, so a read that failed is always `fail`.
 */
export type FailedOutcome = 'fail' | 'unknown';

/** What callers may want to branch on. */
export type WireErrorReason =
  /** No connection, or it was lost. */
  | 'connection'
  /** The answer did not come within the time allowed. */
  | 'deadline'
  /** The caller aborted, or the client was closed. */
  | 'cancelled'
  /** The peer does not speak HTTP/2, gRPC or etcd as it should. */
  | 'protocol'
  /** The member knows no leader, or lost it on the way. */
  | 'no-leader'
  | 'too-many-requests'
  /** etcd itself gave up waiting. */
  | 'server-timeout'
  | 'server-stopped'
  /** The revision asked for is compacted away. */
  | 'compacted'
  /** The database is full (NOSPACE alarm). */
  | 'no-space'
  | 'lease-not-found'
  | 'unauthenticated'
  /** The token is no longer good: a new one is needed. */
  | 'stale-token'
  | 'permission-denied'
  | 'too-large'
  /** Any other refusal by etcd. */
  | 'refused';

export interface WireErrorDetails extends ErrorDetails {
  readonly outcome: FailedOutcome;
  readonly reason: WireErrorReason;
  readonly grpcStatus?: number | undefined;
  readonly endpoint?: string | undefined;
}

/** A call to etcd failed. */
export class WireError extends OperationError {
  readonly outcome: FailedOutcome;
  readonly reason: WireErrorReason;
  readonly grpcStatus: number | undefined;
  readonly endpoint: string | undefined;

  constructor(message: string, details: WireErrorDetails) {
    super(message, { ...details, where: details.where ?? details.endpoint });
    this.outcome = details.outcome;
    this.reason = details.reason;
    this.grpcStatus = details.grpcStatus;
    this.endpoint = details.endpoint;
  }
}

interface Classification {
  readonly pattern: RegExp;
  readonly reason: WireErrorReason;
  /** Whether a write can have happened although etcd answers so. */
  readonly mayHaveHappened: boolean;
}

// etcd's messages are more telling than its codes: "too many requests" arrives with code 2 as well as 8. The texts are
// those of api/v3rpc/rpctypes in etcd.
const CLASSIFICATIONS: readonly Classification[] = [
  { pattern: /too many requests/, reason: 'too-many-requests', mayHaveHappened: false },
  { pattern: /leader changed/, reason: 'no-leader', mayHaveHappened: true },
  { pattern: /no leader|not leader/, reason: 'no-leader', mayHaveHappened: false },
  { pattern: /request timed out|timeout|waiting for ReadIndex/, reason: 'server-timeout', mayHaveHappened: true },
  { pattern: /server stopped/, reason: 'server-stopped', mayHaveHappened: true },
  { pattern: /required revision has been compacted/, reason: 'compacted', mayHaveHappened: false },
  // Whoever finds the quota used up when the write is applied answers so, and applies it all the same.
  { pattern: /database space exceeded/, reason: 'no-space', mayHaveHappened: true },
  { pattern: /requested lease not found/, reason: 'lease-not-found', mayHaveHappened: false },
  { pattern: /invalid auth token|revision of auth store is old/, reason: 'stale-token', mayHaveHappened: false },
  { pattern: /authentication failed|user name is empty/, reason: 'unauthenticated', mayHaveHappened: false },
  { pattern: /permission denied/, reason: 'permission-denied', mayHaveHappened: false },
  { pattern: /request is too large|larger than max/, reason: 'too-large', mayHaveHappened: false },
];

/** Codes that etcd gives only to requests it did not carry out; any other leaves a write in doubt. */
const CERTAIN_REFUSALS: ReadonlySet<number> = new Set([
  GrpcStatus.invalidArgument,
  GrpcStatus.notFound,
  GrpcStatus.alreadyExists,
  GrpcStatus.permissionDenied,
  GrpcStatus.resourceExhausted,
  GrpcStatus.failedPrecondition,
  GrpcStatus.outOfRange,
  GrpcStatus.unimplemented,
  GrpcStatus.unauthenticated,
]);

/** What a status that is not OK means. */
export function classifyStatus(
  grpcStatus: number,
  message: string,
  isWrite: boolean,
): { reason: WireErrorReason; outcome: FailedOutcome } {
  const known = CLASSIFICATIONS.find(({ pattern }) => pattern.test(message));
  const mayHaveHappened = known?.mayHaveHappened ?? !CERTAIN_REFUSALS.has(grpcStatus);
  return { reason: known?.reason ?? reasonOf(grpcStatus), outcome: isWrite && mayHaveHappened ? 'unknown' : 'fail' };
}

function reasonOf(grpcStatus: number): WireErrorReason {
  switch (grpcStatus) {
    case GrpcStatus.cancelled:
      return 'cancelled';
    case GrpcStatus.deadlineExceeded:
      return 'deadline';
    case GrpcStatus.unavailable:
      return 'connection';
    case GrpcStatus.internal:
      return 'protocol';
    case GrpcStatus.unauthenticated:
      return 'unauthenticated';
    case GrpcStatus.permissionDenied:
      return 'permission-denied';
    default:
      return 'refused';
  }
}
