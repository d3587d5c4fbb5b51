import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late this process's timers are, which is how late everything in it is. */
export interface EventLoopLag {
  /** 99 of 100 looks found at most this lag, in ms. */
  p99Ms(): number;
  maxMs(): number;
  /** Forgets what was seen so far. */
  reset(): void;
  stop(): void;
}

const RESOLUTION_MS = 10;

/** Looks every 10 ms from now on. Doesn't keep the process alive. */
export function watchEventLoopLag(): EventLoopLag {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  // The monitor records the whole time from one look to the next, so that an idle process shows the resolution.
  const lagMs = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  return {
    p99Ms: () => (monitor.count === 0 ? 0 : lagMs(monitor.percentile(99))),
    maxMs: () => (monitor.count === 0 ? 0 : lagMs(monitor.max)),
    reset: () => monitor.reset(),
    stop: () => void monitor.disable(),
  };
}
