import type { Workload } from '@etcdperf/core/workload';

/** Whether there is something to do after the loading, if only to wait. */
export function hasSteadyWork(workload: Workload): boolean {
  const { subtreeChurn, valueChurn, reads, watches, leases, durationMs } = workload;
  return [subtreeChurn, valueChurn, reads, watches, leases, durationMs].some((part) => part !== undefined);
}
