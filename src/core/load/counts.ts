/** Named counts that only grow. */
export type Counts = Readonly<Record<string, number>>;

/** How much each has grown. */
export function countsSince(now: Counts, before: Counts): Counts {
  return Object.fromEntries(Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}

/** Those of one name are added up. */
export function addCounts(all: readonly (Counts | undefined)[]): Counts {
  const sums: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count] of Object.entries(counts ?? {})) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
