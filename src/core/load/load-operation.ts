import type { RequestTemplate, WireErrorReason } from '../wire/index.ts';
import type { ThreadShare } from './load-plan.ts';
import type { Outcome } from './series.ts';

/** One kind of request: it has figures of its own. */
export interface RequestKind {
  readonly name: string;
  /** A write without an answer is `unknown`; a read without one is `fail`. */
  readonly isWrite: boolean;
}

/** The request to send next: a prepared frame and the index of its kind in `kinds`. */
export interface LoadRequest {
  readonly template: RequestTemplate;
  readonly kind: number;
}

/** Why a request did not succeed. */
export interface RequestFailure {
  /** etcd's or the connection's words. */
  readonly message: string;
  readonly reason: WireErrorReason;
}

/**
 * What a thread sends, one request at a time, all independent of each other. Everything here runs once per request on
 * the hot path: no allocation, no promise, no string. There is one instance for each thread.
 */
export interface LoadOperation {
  /** At most 16. */
  readonly kinds: readonly RequestKind[];
  /** Chooses the next request. The same few objects are returned again and again. */
  next(): LoadRequest;
  /**
   * Writes what varies of the request that `next()` chose last, right before it is sent.
   *
   * @param bytes where the frame lies, its `template.patchOffset` at `at`
   * @param sequence counts the requests of this thread from 0; identifies it in the calls below
   * @param startedAt intended start, by performance.now()
   */
  fill(bytes: Buffer, at: number, sequence: number, startedAt: number): void;
  /** A response message, `bytes[start, end)`, valid only during the call; before its `onOutcome`. */
  onMessage?(kind: number, sequence: number, bytes: Buffer, start: number, end: number): void;
  /** How a request ended; `now` by performance.now(). `failure` where it is not `ok`. */
  onOutcome?(
    kind: number,
    sequence: number,
    outcome: Outcome,
    startedAt: number,
    now: number,
    failure?: RequestFailure,
  ): void;
  /** Further counts, such as `keysReturned`, since the start; those of all threads are added. */
  counters?(): Readonly<Record<string, number>>;
}

/**
 * Names a module whose default export is an `OperationFactory<Options>`, so that worker threads can make their own
 * instance. `module` is a file URL (`import.meta.resolve('./put-operation.ts')` with the caller's own extension);
 * `options` is plain data.
 */
export interface OperationSource<Options = unknown> {
  readonly kind: 'operation';
  readonly module: string;
  readonly options: Options;
}

export type OperationFactory<Options = unknown> = (
  options: Options,
  share: ThreadShare,
) => LoadOperation | Promise<LoadOperation>;
