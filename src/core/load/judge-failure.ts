import { OperationError } from '../errors/index.ts';
import { classifyStatus, GrpcStatus, type TemplateOutcome, type WireErrorReason } from '../wire/index.ts';
import type { NextMove } from './lane.ts';
import type { RequestFailure } from './load-operation.ts';
import type { Outcome } from './series.ts';

/** The quota is used up: etcd takes no writes until its alarm is disarmed. */
export class NoSpaceError extends OperationError {}

/** What a failed request means for the load. */
export interface Failure extends RequestFailure {
  readonly outcome: Exclude<Outcome, 'ok'>;
  readonly nextMove: NextMove;
  /** The connection needs a new auth token. */
  readonly isTokenStale: boolean;
  /** Why going on makes no sense. */
  readonly senseless: OperationError | undefined;
}

/** The end of a template call that did not succeed, in the load's terms. */
export function judgeTemplateFailure(
  grpcStatus: number,
  ended: TemplateOutcome,
  message: string,
  isWrite: boolean,
  timeoutMs: number,
): Failure {
  switch (ended) {
    case 'answered': {
      const { reason, outcome } = classifyStatus(grpcStatus, message, isWrite);
      return judgeFailure(reason, outcome, message || `gRPC status ${grpcStatus}`);
    }
    case 'unprocessed':
      return judgeFailure('connection', 'fail', message);
    case 'lost': {
      const isExpired = grpcStatus === GrpcStatus.deadlineExceeded;
      const why = isExpired ? `no answer within ${timeoutMs} ms` : message;
      return judgeFailure(isExpired ? 'deadline' : 'connection', isWrite ? 'unknown' : 'fail', why);
    }
    default:
      return ended satisfies never;
  }
}

export function judgeFailure(reason: WireErrorReason, outcome: Exclude<Outcome, 'ok'>, message: string): Failure {
  return {
    outcome,
    message,
    reason,
    nextMove: needsRest(reason) ? 'rest' : 'go',
    isTokenStale: reason === 'stale-token',
    senseless: whySenseless(reason, message),
  };
}

/** A member that can't serve must not be asked again at once by every caller. What came too late took its time. */
function needsRest(reason: WireErrorReason): boolean {
  return (
    reason === 'no-leader' ||
    reason === 'too-many-requests' ||
    reason === 'server-stopped' ||
    reason === 'stale-token' ||
    reason === 'protocol' ||
    reason === 'connection'
  );
}

function whySenseless(reason: WireErrorReason, message: string): OperationError | undefined {
  switch (reason) {
    case 'no-space':
      return new NoSpaceError(`etcd takes no more writes: ${message}`, {
        hint: 'Compact, defragment and disarm the NOSPACE alarm, or give the members a larger --quota-backend-bytes.',
      });
    case 'unauthenticated':
      return new OperationError(`etcd refuses the login: ${message}`, { hint: 'Check user and password.' });
    case 'permission-denied':
      return new OperationError(`etcd refuses the work: ${message}`, {
        hint: 'Grant the user a role with access to the keys of this load.',
      });
    // It would be refused each time: a load that must be whole would never end.
    case 'too-large':
      return new OperationError(`etcd refuses the requests: ${message}`, {
        hint: 'Make values smaller, or give the members a larger --max-request-bytes.',
      });
    default:
      return undefined;
  }
}
