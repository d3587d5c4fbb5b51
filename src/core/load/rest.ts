/** Above this rate naps are of one length and what became due meanwhile is sent together: waking up costs too much. */
export const MOST_PUNCTUAL_PER_SEC = 8000;

/** Answers that come during a nap are read after it: so long may they wait. */
const LONGEST_NAP_MS = 0.25;
/** The kernel wakes a napper up so much too late (its timer slack of 50 µs, and a little). */
const OVERSLEEP_MS = 0.06;
const SHORTEST_NAP_MS = 0.005;
/** A timer is at most so much too late: it counts whole milliseconds and fires after the next one. */
const TIMER_MARGIN_MS = 1.25;
const LONGEST_TIMER_MS = 1000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * How many whole ms to leave to a timer when the next request is due in `waitMs`: the event loop then sleeps in the
 * kernel and answers are read as they come. 0: too soon for that.
 */
export function timerMs(waitMs: number): number {
  const whole = Math.floor(waitMs - TIMER_MARGIN_MS);
  return whole < 1 ? 0 : Math.min(whole, LONGEST_TIMER_MS);
}

/**
 * How long to nap (this thread stands still, and costs nothing) when the next request is due in `waitMs`, before the
 * event loop is given another turn. 0: not at all.
 */
export function napMs(waitMs: number, ratePerSec: number): number {
  if (ratePerSec > MOST_PUNCTUAL_PER_SEC) return LONGEST_NAP_MS;
  const until = waitMs - OVERSLEEP_MS;
  return until < SHORTEST_NAP_MS ? 0 : Math.min(until, LONGEST_NAP_MS);
}

/** This thread stands still for so long. */
export function nap(milliseconds: number): void {
  Atomics.wait(sleeper, 0, 0, milliseconds);
}
