import { type ErrorDetails, OperationError } from '../errors/index.ts';

/** What the API server refused, or could not do. */
export class KubeError extends OperationError {
  /** HTTP status: 403 forbidden, 404 not there, 409 conflict or already there, 422 invalid, 429 budget or overload. */
  readonly status: number;
  /** Kubernetes' own word: `Forbidden`, `AlreadyExists`, `Conflict`, `Invalid`; empty where it gave none. */
  readonly reason: string;

  constructor(message: string, details: ErrorDetails & { readonly status: number; readonly reason: string }) {
    super(message, details);
    this.status = details.status;
    this.reason = details.reason;
  }
}

/** The API server could not be reached, or did not answer in time. */
export class KubeUnreachableError extends OperationError {}
