import { wallClockOffsetMs } from '@etcdperf/core/clock';

/**
 * Unix time in microseconds, fine enough for latencies: the monotonic clock, anchored to the wall clock.
 * A stepped wall clock is noticed by `reanchor`, which a process calls once in a while.
 */
export class WallClock {
  #offsetUs = wallClockOffsetMs() * 1000;

  /** Microseconds since 1970, with fractions. */
  nowUs(): number {
    return this.#offsetUs + performance.now() * 1000;
  }

  /** Anchors anew if the wall clock was stepped since. Slewing (what ntp does to small errors) moves both clocks. */
  reanchor(): void {
    const apartUs = Math.abs(Date.now() * 1000 - this.nowUs());
    if (apartUs > toleratedUs) this.#offsetUs = wallClockOffsetMs() * 1000;
  }
}

/** Date has whole milliseconds only, and a busy process may be interrupted between reading the two clocks. */
const toleratedUs = 5000;
