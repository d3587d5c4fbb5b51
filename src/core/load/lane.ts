import type { WireOptions } from '../wire/index.ts';
import type { LoadTally } from './load-tally.ts';

/** How a lane goes on after a failure: at once, or only after a pause, because its member can't serve at the moment. */
export type NextMove = 'go' | 'rest';

/** Whoever decides when a lane sends: a closed or an open loop. All calls are synchronous. */
export interface LaneOwner {
  /** A request is over and counted. `isOk` tells whether it succeeded. */
  onEnd(lane: Lane, now: number, isOk: boolean, nextMove: NextMove): void;
  /** All of one read is handled. What the lane sends now goes out in one write. */
  onBatch(lane: Lane, now: number): void;
  /** The lane has a connection, the first or a new one. What it sends now needs a `flush()`. */
  onOpen(lane: Lane, now: number): void;
  /** Going on makes no sense. */
  onSenseless(reason: Error): void;
}

/** What a lane with a connection of its own needs. */
export interface LaneParts {
  readonly index: number;
  readonly wire: WireOptions;
  readonly tally: LoadTally;
  readonly timeoutMs: number;
}

/** The requests of one load on one connection. Starts a request when it is told to; counts it when it is over. */
export interface Lane {
  /** Among the lanes of its load and thread, from 0. */
  readonly index: number;
  /** Why nothing can be sent, as far as it is known. */
  readonly problem: string;
  /** Tells this owner from now on. Before the first `start()`. */
  tell(owner: LaneOwner): void;
  /** Whether `start()` may be called now. If not: ask again in `onBatch()` and `onOpen()`. */
  canStart(): boolean;
  /** Starts the next request. `startedAt`: its intended start, by performance.now(). */
  start(startedAt: number): void;
  /** Writes out what was started outside `onBatch()`. */
  flush(): void;
  /** The kind that a request would have been of that could not even be started in time. */
  kindOfUnsent(): number;
}
