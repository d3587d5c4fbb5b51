import type { ErrorCount } from '../load/index.ts';
import type { WatchFleet } from './watch-fleet.ts';

/** Watches that etcd ended for good, by its reasons. */
export function tellRefusals({ refusals }: WatchFleet): ErrorCount[] {
  const counts = new Map<string, number>();
  for (const reason of refusals.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ message: `etcd ended a watch: ${reason}`, outcome: 'fail', count }));
}
