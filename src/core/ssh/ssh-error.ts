import { OperationError } from '../errors/index.ts';

/** A connection could not be made: refused, unreachable, timed out, name unknown. `transient` ones are worth a retry. */
export class ConnectError extends OperationError {
  readonly transient: boolean;

  constructor(
    message: string,
    details: { where?: string; hint?: string | undefined; cause?: unknown; transient: boolean },
  ) {
    super(message, details);
    this.transient = details.transient;
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
