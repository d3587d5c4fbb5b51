import type { WireConnection } from '../http2/index.ts';
import { WireError } from '../wire-error.ts';
import { type CallHost, UnaryCall, type UnaryRequest } from './unary-call.ts';
import type { ResolvedOptions } from './wire-options.ts';

/** Limits of one call. */
export interface CallOptions {
  /** Default: the client's. Waiting for a connection counts. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Call = UnaryCall<unknown>;

/** What calls need of their client. */
export interface UnaryCallsHost {
  readonly options: ResolvedOptions;
  readonly connection: WireConnection | undefined;
  readonly endpoint: string;
  deadlineError(timeoutMs: number, outcome: 'fail' | 'unknown'): WireError;
  /** The call was told that its token is stale. */
  onStaleToken(call: Call): void;
}

/** The unary calls of a client that are not over, whichever connection carries them. */
export class UnaryCalls implements CallHost {
  readonly #host: UnaryCallsHost;
  readonly #open = new Set<Call>();
  /** Those that wait for a connection. */
  #waiting: Call[] = [];
  #isClosed = false;

  constructor(host: UnaryCallsHost) {
    this.#host = host;
  }

  /** Rejects with a WireError. */
  call<T>(
    request: UnaryRequest<T>,
    { timeoutMs = this.#host.options.requestTimeoutMs, signal }: CallOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = new UnaryCall<T>(request, this, resolve, reject) as Call;
      if (this.#isClosed || signal?.aborted === true) {
        call.giveUp(this.#cancelled(call, this.#isClosed ? 'the client is closed' : 'aborted', signal?.reason));
        return;
      }
      const { timers } = this.#host.options.loop;
      call.timer = timers.schedule(timeoutMs, () =>
        call.giveUp(this.#host.deadlineError(timeoutMs, outcomeOfBreak(call))),
      );
      if (signal !== undefined) {
        const abort = () => call.giveUp(this.#cancelled(call, 'aborted', signal.reason));
        signal.addEventListener('abort', abort, { once: true });
        call.onSettled = () => signal.removeEventListener('abort', abort);
      }
      this.#open.add(call);
      this.retry(call);
    });
  }

  /** There is a connection: whatever waited is sent. */
  sendWaiting(): void {
    for (const call of this.#waiting.splice(0)) if (!call.isSettled) this.retry(call);
  }

  /** The user closed the client. */
  close(): void {
    this.#isClosed = true;
    for (const call of [...this.#open]) call.giveUp(this.#cancelled(call, 'the client was closed', undefined));
  }

  // ---- of a call

  retry(call: Call): void {
    const { connection } = this.#host;
    if (connection === undefined) this.#waiting.push(call);
    else call.sendOn(connection);
  }

  retryWithNewToken(call: Call): void {
    this.#host.onStaleToken(call);
  }

  forget(call: Call): void {
    this.#open.delete(call);
    if (call.timer !== undefined) this.#host.options.loop.timers.cancel(call.timer);
    call.onSettled?.();
  }

  #cancelled(call: Call, message: string, cause: unknown): WireError {
    const { endpoint } = this.#host;
    return new WireError(message, { outcome: outcomeOfBreak(call), reason: 'cancelled', endpoint, cause });
  }
}

/** What a call without an answer amounts to. */
function outcomeOfBreak(call: Call): 'fail' | 'unknown' {
  return call.request.isWrite && call.mayHaveArrived ? 'unknown' : 'fail';
}
