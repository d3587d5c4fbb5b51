/** What every error of this project carries besides its message. */
export interface ErrorDetails {
  /** Where it failed: a host, `file:line`, an endpoint. */
  readonly where?: string | undefined;
  /** What the user can try next: one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The base of all errors that a user sees. `exitCode` is what the process ends with (DESIGN section 7). */
export abstract class EtcdperfError extends Error {
  abstract readonly exitCode: 1 | 2 | 3 | 130;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.where = details.where;
    this.hint = details.hint;
  }
}
