import { type ErrorDetails, OperationError } from '@etcdperf/core/errors';

/** What was being read is compacted away: it can only be read anew, at a newer revision. */
export class CompactedError extends OperationError {
  /** At which was read. */
  readonly revision: number;

  constructor(revision: number, details: ErrorDetails) {
    super(`revision ${revision} was compacted away while it was read`, details);
    this.revision = revision;
  }
}
