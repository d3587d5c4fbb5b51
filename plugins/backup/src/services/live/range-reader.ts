import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Bytes,
  type CallOptions,
  classifyStatus,
  ProtoWriter,
  type RangeOptions,
  type WireClient,
  type WireConnection,
  WireError,
  type WireErrorReason,
  WireLoop,
  writeRange,
} from '@etcdperf/core/wire';
import { RangeCall, type RangeEnd } from './range-call.ts';
import type { RangePage } from './range-page.ts';

export type PageRequest = RangeOptions & { readonly key: Bytes };

/** What an answer longer than allowed would have had. */
export type PageOutcome = { readonly kind: 'read' } | { readonly kind: 'too-long'; readonly bytes: number };

/** Another try, or another member, may do better. */
const PASSING: ReadonlySet<WireErrorReason> = new Set([
  'connection',
  'deadline',
  'no-leader',
  'server-timeout',
  'server-stopped',
  'too-many-requests',
  'stale-token',
]);
/** A member that hasn't applied the revision yet. */
const BEHIND = /future revision/;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;
/** How long nothing may succeed, unless told otherwise. */
const PATIENCE_MS = 60_000;

export interface RangeReaderOptions {
  /** Of one try. */
  readonly timeoutMs: number;
  /** From the first failure on, until it is given up. Default: a minute. */
  readonly patienceMs?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Reads at a pinned revision, whatever member answers: where one is lost or lags behind, the next one is asked for the
 * same again.
 */
export class RangeReader {
  readonly #client: WireClient;
  readonly #timeoutMs: number;
  readonly #patienceMs: number;
  readonly #signal: AbortSignal;
  readonly #writer = new ProtoWriter();

  constructor(client: WireClient, { timeoutMs, patienceMs = PATIENCE_MS, signal }: RangeReaderOptions) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#patienceMs = patienceMs;
    this.#signal = signal;
  }

  /** Rejects with a WireError, or the signal's reason. */
  async read(request: PageRequest, page: RangePage, mostBytes: number): Promise<PageOutcome> {
    return this.keepTrying(async () => {
      const { connection } = this.#client;
      if (connection === undefined) throw this.#failure('not connected', 'connection');
      const end = await this.#ask(connection, request, page, mostBytes);
      switch (end.kind) {
        case 'read':
        case 'too-long':
          return end;
        case 'status': {
          const { reason } = classifyStatus(end.code, end.message, false);
          throw this.#failure(end.message, reason, end.code);
        }
        case 'lost':
        case 'unprocessed':
          throw this.#failure(`the connection was lost: ${end.message}`, 'connection');
        case 'malformed':
          throw this.#failure(end.message, 'protocol');
        default:
          return end satisfies never;
      }
    });
  }

  /** Does it again after what passes, on another member where there is one. Rejects as `work` does at last. */
  async keepTrying<T>(work: (options: CallOptions) => Promise<T>): Promise<T> {
    const options = { timeoutMs: this.#timeoutMs, signal: this.#signal };
    let givenUpAt = Number.POSITIVE_INFINITY;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)) {
      const { connection } = this.#client;
      try {
        return await work(options);
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof WireError)) throw error;
        if (!(PASSING.has(error.reason) || BEHIND.test(error.message))) throw error;
        givenUpAt = Math.min(givenUpAt, performance.now() + this.#patienceMs);
        // Several calls that fail together leave their member once.
        const isStill = connection !== undefined && this.#client.connection === connection;
        if (isStill && error.reason !== 'stale-token') this.#client.moveOn(error.message);
        await sleep(waitMs, undefined, { signal: this.#signal });
        const failure = await this.#reconnect(Math.max(0, givenUpAt - performance.now()));
        if (performance.now() >= givenUpAt) throw failure ?? error;
      }
    }
  }

  /** The client's own calls wait for a connection, and for a token that is good. Resolves to what they fail with. */
  async #reconnect(mostMs: number): Promise<unknown> {
    const timeoutMs = Math.min(mostMs, this.#timeoutMs);
    try {
      await this.#client.range('\0', { serializable: true, keysOnly: true, timeoutMs, signal: this.#signal });
      return undefined;
    } catch (error) {
      this.#signal.throwIfAborted();
      return error;
    }
  }

  #ask(connection: WireConnection, request: PageRequest, page: RangePage, mostBytes: number): Promise<RangeEnd> {
    const { promise, resolve, reject } = Promise.withResolvers<RangeEnd>();
    const call = new RangeCall(page, mostBytes, resolve);
    const { timers } = WireLoop.shared();
    const timer = timers.schedule(this.#timeoutMs, () => {
      connection.cancel(call);
      reject(this.#failure(`no answer within ${this.#timeoutMs} ms`, 'deadline'));
    });
    const abort = () => {
      connection.cancel(call);
      reject(this.#signal.reason);
    };
    this.#signal.addEventListener('abort', abort, { once: true });
    writeRange(this.#writer, request);
    connection.start(call, this.#writer.finish(), true);
    return promise.finally(() => {
      timers.cancel(timer);
      this.#signal.removeEventListener('abort', abort);
    });
  }

  #failure(message: string, reason: WireErrorReason, grpcStatus?: number): WireError {
    return new WireError(message, { outcome: 'fail', reason, grpcStatus, endpoint: this.#client.endpoint });
  }
}
