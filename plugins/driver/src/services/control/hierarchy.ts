import type { PatternSpace } from '@etcdperf/core/workload';

/** By which two hierarchies are told apart: all counters at 0, all sets at their first, generated names by their seed. */
export function firstKeyOf(space: PatternSpace): string {
  const bytes = Buffer.alloc(space.maxKeyBytes);
  return bytes.toString('utf8', 0, space.writeKey(bytes, 0, 0));
}

/** Whether what one driver deletes or writes can be another's: the same keys, or those of one below a key of the other. */
export function isSameHierarchy(firstKey: string, other: string): boolean {
  return `${firstKey}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${firstKey}/`);
}
