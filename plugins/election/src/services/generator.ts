import type { Interval } from './observations.ts';

/** How busy what made the load was itself: the busiest agents process, in its busiest interval. */
export interface Generator {
  /** Of one core. */
  readonly cpuPercent: number;
  readonly eventLoopLagP99Ms: number;
  /** Whether the results may tell more about the generator than about etcd. */
  readonly limited: boolean;
}

/** Above these, agents wait for their own process and not for etcd. */
const busyCpuPercent = 90;
const busyLagMs = 100;

/** The worst of all intervals that end between two moments (wall clock ns); nothing but zeros if there is none. */
export function worstGenerator(intervals: readonly Interval[], fromNs = 0n, untilNs?: bigint): Generator {
  let cpuPercent = 0;
  let eventLoopLagP99Ms = 0;
  for (const interval of intervals) {
    if (interval.atNs < fromNs || (untilNs !== undefined && interval.atNs > untilNs)) continue;
    cpuPercent = Math.max(cpuPercent, interval.cpuPercent);
    eventLoopLagP99Ms = Math.max(eventLoopLagP99Ms, interval.eventLoopLagP99Ms);
  }
  return { cpuPercent, eventLoopLagP99Ms, limited: cpuPercent >= busyCpuPercent || eventLoopLagP99Ms >= busyLagMs };
}
