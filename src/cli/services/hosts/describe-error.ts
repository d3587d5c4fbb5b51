import { EtcdperfError } from '@etcdperf/core/errors';

/** An error as part of a result: what failed and what to try, without the host, which the result names anyway. */
export function describeError(error: Error): string {
  const hint = error instanceof EtcdperfError && error.hint ? ` (${error.hint})` : '';
  return `${error.message}${hint}`;
}
