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
/** Tries without any success in between: over half a minute, or so many time limits. */
const MOST_TRIES = 20;

export interface RangeReaderOptions {
  /** Of one try. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Reads at a pinned revision, whatever member answers: where one is lost or lags behind, the next one is asked for the
 * same again.
 */
export class RangeReader {
  readonly #client: WireClient;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #writer = new ProtoWriter();

  constructor(client: WireClient, { timeoutMs, signal }: RangeReaderOptions) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
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
    for (let tries = 1; ; tries += 1) {
      const { connection } = this.#client;
      try {
        return await work(options);
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof WireError)) throw error;
        const isBehind = BEHIND.test(error.message);
        if (tries === MOST_TRIES || !(isBehind || PASSING.has(error.reason))) throw error;
        // Several calls that fail together leave their member once.
        const isStill = connection !== undefined && this.#client.connection === connection;
        if (isStill && error.reason !== 'stale-token') this.#client.moveOn(error.message);
        await sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)), undefined, { signal: this.#signal });
        await this.#reconnect();
      }
    }
  }

  /** The client's own calls wait for a connection, and for a token that is good. */
  async #reconnect(): Promise<void> {
    const options = { serializable: true, keysOnly: true, timeoutMs: this.#timeoutMs, signal: this.#signal };
    await this.#client.range('\0', options).catch(() => undefined);
    this.#signal.throwIfAborted();
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
