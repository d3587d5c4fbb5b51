/** How fast requests are to be sent. */
export type Pace =
  /** As fast as `clients` callers get their answers: for peak throughput. A slow answer delays what comes after it. */
  | { readonly kind: 'closed' }
  /** At a rate, whatever the answers do: latency counts from the intended start. */
  | { readonly kind: 'open'; readonly ratePerSec: number };

/** When the load ends; the warm-up comes before and is not counted. */
export type LoadEnd =
  | { readonly kind: 'total'; readonly requests: number }
  | { readonly kind: 'duration'; readonly ms: number }
  /** When it is told to. */
  | { readonly kind: 'open' };

/** How much load, how fast, for how long. Plain data: worker threads get a share of it. */
export interface LoadPlan {
  readonly pace: Pace;
  readonly end: LoadEnd;
  /** Requests begin at once, their figures are thrown away. */
  readonly warmupMs: number;
  readonly connections: number;
  /** Callers of a closed loop, spread over the connections as evenly as can be. */
  readonly clients: number;
  /** Requests without an answer at any moment, over all connections; an open loop's further ones wait and are late. */
  readonly maxInFlight: number;
  /** A request without an answer for so long is given up: `unknown` for a write, `fail` for a read. */
  readonly timeoutMs: number;
  /** 1: the load runs in this thread. */
  readonly threads: number;
  /** Of everything random, so that a run can be repeated. */
  readonly seed: number;
}

/** Which part of the load a thread makes: requests `index`, `index + count`, `index + 2 * count`, … */
export interface ThreadShare {
  readonly index: number;
  readonly count: number;
  /** The thread's own. */
  readonly seed: number;
}
