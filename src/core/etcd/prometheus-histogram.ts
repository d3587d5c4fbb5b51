import type { PrometheusSample } from './prometheus-text.ts';

/** A histogram's buckets: how many observations were at most so large, all smaller ones counted in. */
export interface CumulativeBuckets {
  /** Ascending; the last is Infinity. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** The buckets among the samples of `<name>_bucket`, those of all further labels added; undefined without any. */
export function readBuckets(samples: readonly PrometheusSample[]): CumulativeBuckets | undefined {
  const byBound = new Map<number, number>();
  for (const { labels, value } of samples) {
    const le = labels.get('le');
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le ?? Number.NaN);
    if (!Number.isNaN(bound)) byBound.set(bound, (byBound.get(bound) ?? 0) + value);
  }
  if (byBound.size === 0) return undefined;
  const bounds = [...byBound.keys()].sort((a, b) => a - b);
  return { bounds, counts: bounds.map((bound) => byBound.get(bound)!) };
}

/** What was observed between two readings. */
export function bucketsBetween(before: CumulativeBuckets | undefined, after: CumulativeBuckets): CumulativeBuckets {
  const earlier = new Map(before?.bounds.map((bound, index) => [bound, before.counts[index]!]));
  return { bounds: after.bounds, counts: after.counts.map((count, i) => count - (earlier.get(after.bounds[i]!) ?? 0)) };
}

/**
 * The value below which `quantile` (0 to 1) of the observations lie, taken as evenly spread within their bucket.
 * Undefined without observations. What lies above all finite bounds is told as the highest of them.
 */
export function bucketQuantile({ bounds, counts }: CumulativeBuckets, quantile: number): number | undefined {
  const total = counts.at(-1) ?? 0;
  if (!(total > 0)) return undefined;
  const rank = quantile * total;
  const index = counts.findIndex((count) => count >= rank && count > 0);
  const upper = bounds[index]!;
  const lower = index === 0 ? Math.min(0, upper) : bounds[index - 1]!;
  if (upper === Number.POSITIVE_INFINITY) return index === 0 ? undefined : lower;
  const below = index === 0 ? 0 : counts[index - 1]!;
  return lower + (upper - lower) * Math.min(1, Math.max(0, (rank - below) / (counts[index]! - below)));
}
