import type { LoadOperation } from './load-operation.ts';

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

/** One of several loads that go on at the same time over the same connections. */
export interface LoadPart {
  readonly pace: PartPace;
  /** Its kinds are series of their own; names must differ from those of other parts. */
  readonly operation: LoadOperation;
}
