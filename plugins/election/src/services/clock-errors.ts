/**
 * How far apart the clocks of two hosts may be, for times that cross hosts.
 * Maps a host's name to its error bar in milliseconds (|offset| + root dispersion + root delay / 2).
 */
export type ClockErrors = ReadonlyMap<string, number>;

/** The error bar, in milliseconds, of a duration that starts on one host and ends on another; 0 on one and the same. */
export function clockErrorBetween(errors: ClockErrors, from: string, to: string): number {
  if (from === to) return 0;
  return (errors.get(from) ?? 0) + (errors.get(to) ?? 0);
}

/** The worst error bar of durations that start on `from` and end on any of `hosts`. */
export function worstClockError(errors: ClockErrors, from: string, hosts: Iterable<string>): number {
  let worst = 0;
  for (const host of hosts) worst = Math.max(worst, clockErrorBetween(errors, from, host));
  return worst;
}
