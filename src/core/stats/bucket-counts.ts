/** How many values are at least `from` and less than `to`. */
export interface BucketCount {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/**
 * Counts values between edges (ascending), or in steps of a `width` that start at 0. Nothing is dropped: values
 * outside the edges get a bucket from -Infinity or to Infinity. With a width, there is a bucket for every step from
 * the smallest to the biggest value, also where it is empty.
 */
export function bucketCounts(
  values: Iterable<number>,
  edges: readonly number[] | { readonly width: number },
): BucketCount[] {
  const all = [...values];
  if ('width' in edges) return stepCounts(all, edges.width);
  const limits = [Number.NEGATIVE_INFINITY, ...edges, Number.POSITIVE_INFINITY];
  const counts = new Array<number>(limits.length - 1).fill(0);
  for (const value of all) counts[limits.findLastIndex((limit) => value >= limit)]!++;
  return counts
    .map((count, i) => ({ from: limits[i]!, to: limits[i + 1]!, count }))
    .filter(({ from, to, count }) => count > 0 || (Number.isFinite(from) && Number.isFinite(to)));
}

function stepCounts(values: readonly number[], width: number): BucketCount[] {
  const counts = new Map<number, number>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    const step = Math.floor(value / width);
    counts.set(step, (counts.get(step) ?? 0) + 1);
    first = Math.min(first, step);
    last = Math.max(last, step);
  }
  if (values.length === 0) return [];
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    from: (first + i) * width,
    to: (first + i + 1) * width,
    count: counts.get(first + i) ?? 0,
  }));
}
