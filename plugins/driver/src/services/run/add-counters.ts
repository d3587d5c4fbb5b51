/** Counters that are levels: what is there now, and no count. */
export const LEVELS: ReadonlySet<string> = new Set(['watchers', 'leases']);

/** Those of two phases together; of levels the later one's. */
export function addCounters(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...before };
  for (const level of LEVELS) if (level in sum) sum[level] = 0;
  for (const [name, count] of Object.entries(now)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
