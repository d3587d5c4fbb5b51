import { OperationError } from '../errors/index.ts';

/** A connection could not be made: refused, unreachable, timed out, name unknown. */
export class ConnectError extends OperationError {
  /** How many more tries may help: a host that is down needs few, an sshd that is busy (MaxStartups) several. */
  readonly retries: number;

  constructor(
    message: string,
    details: { where?: string; hint?: string | undefined; cause?: unknown; retries: number },
  ) {
    super(message, details);
    this.retries = details.retries;
  }
}

/** The host answered, and refused every way to log in that we had. */
export class AuthenticationError extends OperationError {}

/** The host's key is unknown, changed or revoked; nothing was sent to it. */
export class HostKeyError extends OperationError {
  readonly reason: 'unknown' | 'changed' | 'revoked';

  constructor(
    message: string,
    details: { where?: string; hint?: string | undefined; reason: 'unknown' | 'changed' | 'revoked' },
  ) {
    super(message, details);
    this.reason = details.reason;
  }
}

/** The connection ended while a command ran: whether the command finished is not known. */
export class ConnectionLostError extends OperationError {}

/** A command did not end within its time limit and was ended. */
export class CommandTimeoutError extends OperationError {}

/** Root rights were wanted and the host does not give them. */
export class BecomeError extends OperationError {}
