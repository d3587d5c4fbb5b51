/** What may lie between two looks at the clocks for the tick between them to be taken as an instant. */
const INSTANT_MS = 0.01;
const MOST_TICKS = 50;

/**
 * What to add to `performance.now()` for unix milliseconds with their fractions. `Date` alone counts whole ones, so one of
 * its ticks is waited for: a millisecond, or a few where this process is interrupted right then, which would shift the
 * result by as much. Good for some seconds: a stepped or slewed clock isn't followed.
 */
export function wallClockOffsetMs(): number {
  let best = { offsetMs: 0, doubtMs: Number.POSITIVE_INFINITY };
  for (let ticks = 0; ticks < MOST_TICKS && best.doubtMs > INSTANT_MS; ticks += 1) {
    // The tick lies between the look before the last one with the old time and the first one with the new.
    let before = performance.now();
    const last = Date.now();
    let between = performance.now();
    let now = Date.now();
    let after = performance.now();
    while (now === last) {
      before = between;
      between = performance.now();
      now = Date.now();
      after = performance.now();
    }
    const doubtMs = after - before;
    if (doubtMs < best.doubtMs) best = { offsetMs: now - (before + after) / 2, doubtMs };
  }
  return best.offsetMs;
}

/** This machine's wall clock as a function that returns unix milliseconds with their fractions; see `wallClockOffsetMs`. */
export function anchorWallClock(): () => number {
  const offsetMs = wallClockOffsetMs();
  return () => offsetMs + performance.now();
}
