import { type ErrorDetails, OperationError } from '@etcdperf/core/errors';

/** What was being read is compacted away: it can only be read anew, at a newer revision. */
export class CompactedError extends OperationError {
  /** At which was read. */
  readonly revision: number;

  constructor(revision: number, details: ErrorDetails) {
    super(`revision ${revision} is compacted away`, details);
    this.revision = revision;
  }
}
