import type { LatencyRecorder } from '../stats/index.ts';
import type { Series } from './series.ts';

/** One sort of failure, and how often it was met. */
export interface ErrorCount {
  /** etcd's or the connection's words. */
  readonly message: string;
  readonly outcome: 'fail' | 'unknown';
  readonly count: number;
}

/** Everything that a source counted between two moments. All of it can be added up. */
export interface LoadFigures {
  readonly series: readonly Series[];
  readonly errors: readonly ErrorCount[];
  /** Requests handed to a socket. */
  readonly sent: number;
  /** Of an open loop: those sent more than 1 ms after their intended start. */
  readonly late: number;
  /** Of an open loop: those never sent, because the load ended (or they had waited for longer than the timeout) first. */
  readonly dropped: number;
  /** Of an open loop: actual minus intended start, in ns. Empty for a closed one. */
  readonly lateness: LatencyRecorder;
  /** Without an answer at the end of the interval. */
  readonly inFlight: number;
  /** Since the start of the measured window, not since the interval before. */
  readonly counters: Readonly<Record<string, number>>;
  /** CPU time of the threads that make the load, in ms, if it is not this one. */
  readonly threadCpuMs: number;
  /** p99 of how late its event loop was, the worst of the threads that make the load, if it is not this one. */
  readonly eventLoopLagP99Ms: number;
}

export type LoadPhase = 'warmup' | 'measured' | 'done';

/**
 * Something that makes load and counts it: the load engine, or a service of its own (watches). `runLoad` drives it.
 */
export interface LoadSource extends AsyncDisposable {
  /** Names of series that `take()` has only later: thresholds may name them from the start. */
  readonly laterSeries?: readonly string[];
  /** Connects and prepares. Rejects with what the user should read (a WireError, an InputError). */
  prepare(signal: AbortSignal): Promise<void>;
  /**
   * Makes the load, warm-up first, and resolves when it is over and every request has its outcome. An aborted signal
   * ends it early: nothing new is sent, what is in flight is waited for (at most 5 s, or the timeout if that is less).
   * Rejects only for what makes going on senseless.
   *
   * @param onPhase told synchronously when the warm-up is over (without one: when the load begins), and when the last
   *   request is sent
   */
  run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void>;
  /**
   * What was counted since the last call; figures of the warm-up are never part of it. From `prepare` on, with all
   * series, also those of which nothing was counted yet.
   */
  take(): Promise<LoadFigures>;
}
