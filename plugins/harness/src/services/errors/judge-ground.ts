/** When a cluster struggled with what it stands on. */
export interface TroubledMinutes {
  readonly cluster: string;
  /** Minutes since 1970. */
  readonly minutes: ReadonlySet<number>;
  /** Whether a log of it could be read. */
  readonly isKnown: boolean;
}

interface Counts {
  /** How many minutes each struggled in, in the clusters' order. */
  readonly troubled: readonly [number, number];
  /** In how many of the fewer ones the other struggled too, give or take a minute. */
  readonly shared: number;
  readonly windowMinutes: number;
}

export type GroundVerdict =
  | { readonly kind: 'unknown'; readonly cluster: string }
  | ({ readonly kind: 'quiet' } & Counts)
  /** Only this one struggled. */
  | ({ readonly kind: 'alone'; readonly cluster: string } & Counts)
  /** Both, in the same minutes. */
  | ({ readonly kind: 'together' } & Counts)
  /** Both, each at times of its own. */
  | ({ readonly kind: 'apart' } & Counts)
  /** Both so often that the same minutes say nothing. */
  | ({ readonly kind: 'throughout' } & Counts);

/**
 * Whether two clusters struggled at the same time, which points at what is beneath both. A minute counts as shared where
 * the other struggled in it or in the one beside it: clocks differ, and trouble spreads.
 */
export function judgeGround(
  one: TroubledMinutes,
  other: TroubledMinutes,
  window: { readonly fromMinute: number; readonly toMinute: number },
): GroundVerdict {
  for (const { isKnown, cluster } of [one, other]) if (!isKnown) return { kind: 'unknown', cluster };
  const windowMinutes = window.toMinute - window.fromMinute + 1;
  const [few, many] = one.minutes.size <= other.minutes.size ? [one, other] : [other, one];
  const around = widened(many.minutes, window);
  const shared = [...few.minutes].filter((minute) => around.has(minute)).length;
  const counts: Counts = { troubled: [one.minutes.size, other.minutes.size], shared, windowMinutes };
  if (many.minutes.size === 0) return { kind: 'quiet', ...counts };
  if (few.minutes.size === 0) return { kind: 'alone', cluster: many.cluster, ...counts };
  // What would be shared by chance alone.
  if (around.size > windowMinutes / 2)
    return { kind: widened(few.minutes, window).size > windowMinutes / 2 ? 'throughout' : 'apart', ...counts };
  return { kind: shared >= few.minutes.size / 2 ? 'together' : 'apart', ...counts };
}

function widened(
  minutes: ReadonlySet<number>,
  { fromMinute, toMinute }: { readonly fromMinute: number; readonly toMinute: number },
): Set<number> {
  const wide = new Set<number>();
  for (const minute of minutes)
    for (const near of [minute - 1, minute, minute + 1]) if (near >= fromMinute && near <= toMinute) wide.add(near);
  return wide;
}
