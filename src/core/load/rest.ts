/** Above this rate naps are of one length and what became due meanwhile is sent together: waking up costs too much. */
export const MOST_PUNCTUAL_PER_SEC = 8000;

/** Answers that come during a nap are read after it: so long may they wait. */
const LONGEST_NAP_MS = 0.25;
/** The kernel wakes a napper up too late: by its timer slack of 50 µs, and a little. */
const USUAL_OVERSLEEP_MS = 0.06;
const LONGEST_OVERSLEEP_MS = 0.1;
const LEARNING_STEP_MS = 0.0005;
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
 *
 * @param oversleepMs by how much a nap is usually too long
 */
export function napMs(waitMs: number, ratePerSec: number, oversleepMs: number): number {
  if (ratePerSec > MOST_PUNCTUAL_PER_SEC) return LONGEST_NAP_MS;
  const until = waitMs - oversleepMs;
  return until < SHORTEST_NAP_MS ? 0 : Math.min(until, LONGEST_NAP_MS);
}

/** Naps, and learns by how much they are too long here. */
export class Napper {
  /** Moves towards the median, whatever a busy machine does now and then. */
  #oversleepMs = USUAL_OVERSLEEP_MS;

  /** This thread stands still, until a little before `waitMs` are over. */
  nap(waitMs: number, ratePerSec: number): void {
    const askedMs = napMs(waitMs, ratePerSec, this.#oversleepMs);
    if (askedMs === 0) return;
    const before = performance.now();
    Atomics.wait(sleeper, 0, 0, askedMs);
    const isTooShort = performance.now() - before - askedMs > this.#oversleepMs;
    const learned = this.#oversleepMs + (isTooShort ? LEARNING_STEP_MS : -LEARNING_STEP_MS);
    this.#oversleepMs = Math.min(Math.max(learned, 0), LONGEST_OVERSLEEP_MS);
  }
}
