/**
 * This machine's wall clock as a function that returns unix milliseconds with their fractions: `Date` anchored to the
 * monotonic clock at one of its ticks, since it alone counts whole milliseconds. Takes up to one millisecond; good for
 * some seconds, as a stepped or slewed clock isn't followed.
 */
export function anchorWallClock(): () => number {
  const start = Date.now();
  let tick = start;
  while (tick === start) tick = Date.now();
  const anchor = tick - performance.now();
  return () => anchor + performance.now();
}
