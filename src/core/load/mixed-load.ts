import type { ClusterAccess } from '../etcd/index.ts';
import type { LoadOperation } from './load-operation.ts';
import type { LoadPlan } from './load-plan.ts';

/** Requests that come due as others end: what is written anew after a delete was answered. */
export interface DueQueue {
  /** Intended start of the next request, by performance.now(); Infinity while nothing waits. */
  readonly nextDueAt: number;
}

/** How fast a part's requests are sent. */
export type PartPace =
  | { readonly kind: 'open'; readonly ratePerSec: number }
  /** As fast as so many callers get answers. */
  | { readonly kind: 'closed'; readonly clients: number }
  /** As they come due, at most so many without an answer; `next()` of the operation takes the first of the queue. */
  | { readonly kind: 'queued'; readonly queue: DueQueue; readonly clients: number };

/** Work that ends, or has nothing to send at times: keys to load, a subtree that is free. Asked before each send. */
export interface PartGoal {
  /** `next()` has something to choose. While it hasn't, what is due waits; answers, and time, can change it. */
  readonly hasNext: boolean;
  /**
   * Nothing is left, and nothing is without an answer: what is due then is forgotten, and the load ends when every part
   * with a goal is done. Always false for work without an end of its own.
   */
  readonly isDone: boolean;
  /**
   * Told once, before the first send: `wake()` is to be called when `hasNext` or `isDone` became true otherwise than by an
   * answer, such as by the next part of a file. Without it that is seen a fraction of a second later.
   */
  wakeBy?(wake: () => void): void;
}

/** One of several loads that go on at the same time over the same connections. */
export interface LoadPart {
  readonly pace: PartPace;
  /** Its kinds are series of their own, their names differ from those of other parts; counters of one name are added up. */
  readonly operation: LoadOperation;
  /** Undefined: always has a next request, until the load ends otherwise. */
  readonly goal?: PartGoal;
}

export interface MixedLoadOptions {
  readonly access: ClusterAccess;
  /**
   * `end` of a number of requests: those of the first part, the others end with it. `maxInFlight` is shared by the parts
   * with a rate, so that one that waits for slow answers doesn't hold up the others: half of it equally, half by rate.
   */
  readonly plan: Pick<LoadPlan, 'end' | 'warmupMs' | 'connections' | 'maxInFlight' | 'timeoutMs' | 'seed'>;
  readonly parts: readonly LoadPart[];
  /** Each connection is replaced by a new one after so many answers; 0: never. */
  readonly reconnectAfter?: number;
  /**
   * What happens when etcd takes no more writes because its quota is used up. `pause`: parts that write wait until the
   * alarm is disarmed, and what of them is due meanwhile is dropped; parts that only read go on. Default: `end`.
   */
  readonly noSpace?: 'end' | 'pause';
  readonly onPause?: (reason: string) => void;
  readonly onResume?: () => void;
}
