import type { WireConnection } from '../http2/index.ts';
import { readToken, writeAuthenticate } from '../messages/index.ts';
import type { ProtoWriter } from '../protobuf/index.ts';
import { WireError } from '../wire-error.ts';
import { Method } from './methods.ts';
import { type CallHost, UnaryCall } from './unary-call.ts';
import type { ResolvedOptions } from './wire-options.ts';

/** What the token is to its client. */
export interface TokenHost {
  readonly options: ResolvedOptions;
  readonly writer: ProtoWriter;
  /** For the connections to come. */
  onToken(token: string): void;
  deadlineError(timeoutMs: number, outcome: 'fail' | 'unknown'): WireError;
  retry(call: UnaryCall<unknown>): void;
  /** Streams may begin again with the new token. */
  onRenewed(): void;
  /** The user may not. */
  onRefused(error: WireError): void;
}

/** Gets etcd's auth token and renews it; calls whose token was stale wait here meanwhile. */
export class TokenKeeper {
  readonly #host: TokenHost;
  #waiting: UnaryCall<unknown>[] = [];
  #isRenewing = false;
  #hasToken = false;

  constructor(host: TokenHost) {
    this.#host = host;
  }

  get hasToken(): boolean {
    return this.#hasToken;
  }

  /** The call is sent again with the next token, or given up with the reason why there is none. */
  add(call: UnaryCall<unknown>): void {
    this.#waiting.push(call);
  }

  renew(connection: WireConnection): void {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    const done = () => {
      this.#isRenewing = false;
      return this.#waiting.splice(0);
    };
    this.authenticate(connection).then(
      () => {
        for (const call of done()) if (!call.isSettled) this.#host.retry(call);
        this.#host.onRenewed();
      },
      (error: WireError) => {
        const calls = done();
        // A connection that broke is no verdict on the credentials.
        if (error.reason === 'connection') for (const call of calls) this.#host.retry(call);
        else {
          for (const call of calls) call.giveUp(error);
          this.#host.onRefused(error);
        }
      },
    );
  }

  /** Gets a token and has the connection use it. Rejects with a WireError. */
  async authenticate(connection: WireConnection): Promise<void> {
    const { auth } = this.#host.options;
    if (auth === undefined) throw new WireError('etcd asks for a user', { outcome: 'fail', reason: 'unauthenticated' });
    writeAuthenticate(this.#host.writer, auth);
    try {
      const token = await this.#ask(connection, this.#host.writer.finish());
      this.#hasToken = true;
      this.#host.onToken(token);
      connection.setToken(token);
    } catch (error) {
      // Credentials for a cluster that wants none do no harm.
      if (error instanceof WireError && /authentication is not enabled/.test(error.message)) return;
      throw error;
    }
  }

  #ask(connection: WireConnection, frame: Buffer): Promise<string> {
    const { timers } = this.#host.options.loop;
    const { requestTimeoutMs } = this.#host.options;
    const request = { method: Method.authenticate, frame, isWrite: false, read: readToken };
    return new Promise((resolve, reject) => {
      const host: CallHost = {
        retry: (call) => call.giveUp(failure('the connection was lost during authentication', 'connection')),
        retryWithNewToken: (call) => call.giveUp(failure('the token is refused', 'unauthenticated')),
        forget: (call) => call.timer !== undefined && timers.cancel(call.timer),
      };
      const call = new UnaryCall(request, host, resolve, reject);
      call.timer = timers.schedule(requestTimeoutMs, () =>
        call.giveUp(this.#host.deadlineError(requestTimeoutMs, 'fail')),
      );
      call.sendOn(connection);
    });
  }
}

function failure(message: string, reason: WireError['reason']): WireError {
  return new WireError(message, { outcome: 'fail', reason });
}
