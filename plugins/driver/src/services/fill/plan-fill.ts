import { InputError } from '@etcdperf/core/errors';
import { formatSize } from '@etcdperf/core/stats';
import { databaseGrowth, openPatternSpace, type PatternSpace, parsePattern } from '@etcdperf/core/workload';
import type { DatabaseSize } from './database-gauge.ts';

/** Until when a database is filled. */
export type FillGoal =
  /** So many bytes of it are in use. */
  { readonly kind: 'bytes'; readonly bytes: number } | { readonly kind: 'keys'; readonly keys: number };

export interface FillKeys {
  /** Undefined: keys of a kilobyte each, at a place that no fill before had. */
  readonly pattern: string | undefined;
  readonly rules: Readonly<Record<string, readonly string[]>>;
  readonly ip: string;
  readonly seed: number;
}

export interface FillPlan {
  readonly space: PatternSpace;
  /** Keys before this one may be written: all of them, or as many as were asked for. */
  readonly end: number;
  /** Of all these keys and their values, about. */
  readonly bytes: number;
}

const VALUE_BYTES = 1024;
const KEYS_PER_BATCH = 1000;
/** A key and its value take at least their bytes in the database; the rest is for a member that was behind. */
const SURPLUS = 1.05;
/** A pattern that takes less than this share of what is asked for is refused: estimates are not exact. */
const NEARLY = 0.8;

/**
 * Which keys it takes. Throws InputError for a pattern that has too few.
 *
 * @param tag of this fill alone: part of the keys where there is no pattern
 */
export function planFill(goal: FillGoal, keys: FillKeys, now: DatabaseSize, tag: string): FillPlan {
  const missing = goal.kind === 'bytes' ? goal.bytes - now.inUseBytes : 0;
  const wanted = goal.kind === 'keys' ? goal.keys : Math.ceil((missing * SURPLUS) / VALUE_BYTES);
  const batches = Math.ceil(wanted / KEYS_PER_BATCH);
  const pattern = keys.pattern ?? `/fill/${tag}/%batch-%06d[${batches}]/%key-%03d[${KEYS_PER_BATCH}];#${VALUE_BYTES}`;
  const { ip, seed, rules } = keys;
  const space = openPatternSpace(parsePattern(pattern, rules), { ip, seed });
  const { minBytes, maxBytes } = space.values;
  const bytesOfKey = space.maxKeyBytes + (minBytes + maxBytes) / 2;
  if (goal.kind === 'keys') {
    if (space.size >= goal.keys) return { space, end: goal.keys, bytes: goal.keys * bytesOfKey };
    throw new InputError(`the pattern has ${space.size} keys, not ${goal.keys}`, {
      where: '--pattern',
      hint: 'raise the counts of its levels (%level-%04d[count]), or ask for less',
    });
  }
  const growth = databaseGrowth(space.size, space.size * bytesOfKey);
  if (growth < missing * NEARLY)
    throw new InputError(
      `the pattern has ${space.size} keys, which take about ${formatSize(growth)}: too few to fill ${formatSize(missing)}`,
      { where: '--pattern', hint: 'raise the counts of its levels (%level-%04d[count]), or let values be larger' },
    );
  return { space, end: space.size, bytes: space.size * bytesOfKey };
}
