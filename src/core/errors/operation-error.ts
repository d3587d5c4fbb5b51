import { EtcdperfError } from './etcdperf-error.ts';

/** The work was tried and failed: exit 1. */
export class OperationError extends EtcdperfError {
  readonly exitCode = 1;
}
