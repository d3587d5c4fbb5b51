import type { RpcMethod } from '../hpack/index.ts';
import { CallStream, type StreamEnd, type WireConnection } from '../http2/index.ts';
import type { TimerEntry } from '../loop/index.ts';
import { ProtoReader } from '../protobuf/index.ts';
import { classifyStatus, WireError } from '../wire-error.ts';

/** What a call is, whichever connection carries it. */
export interface UnaryRequest<T> {
  readonly method: RpcMethod;
  /** The request in its gRPC frame. */
  readonly frame: Buffer;
  /** A write whose answer is missing may have happened. */
  readonly isWrite: boolean;
  readonly read: (reader: ProtoReader) => T;
}

/** What a call needs of its client. */
export interface CallHost {
  /** Sends the call again, on the connection there is or the next. */
  retry(call: UnaryCall<unknown>): void;
  /** Sends it again with a new token. */
  retryWithNewToken(call: UnaryCall<unknown>): void;
  /** The call is over. */
  forget(call: UnaryCall<unknown>): void;
}

/** One call of the promise API, over as many connections as it takes until its deadline. */
export class UnaryCall<T> {
  readonly request: UnaryRequest<T>;
  /** Set by the client right after it was made. */
  timer: TimerEntry | undefined;
  onSettled: (() => void) | undefined;
  hasNewToken = false;
  readonly #host: CallHost;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  #attempt: { readonly connection: WireConnection; readonly stream: UnaryStream } | undefined;
  #value: { readonly value: T } | undefined;
  #isSettled = false;

  constructor(request: UnaryRequest<T>, host: CallHost, resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.request = request;
    this.#host = host;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether a server may have got the whole request. */
  get mayHaveArrived(): boolean {
    return this.#attempt?.stream.isSendDone ?? false;
  }

  get endpoint(): string | undefined {
    return this.#attempt?.connection.target.endpoint;
  }

  sendOn(connection: WireConnection): void {
    const stream = new UnaryStream(this as UnaryCall<unknown>);
    this.#attempt = { connection, stream };
    connection.start(stream, this.request.frame, true);
  }

  /** Ends it before its answer came. */
  giveUp(error: WireError): void {
    this.#attempt?.connection.cancel(this.#attempt.stream);
    this.#settle(() => this.#reject(error));
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    let value: T;
    try {
      value = this.request.read(new ProtoReader(bytes, start, end));
    } catch (cause) {
      this.#failProtocol('the response is not what it should be', cause);
      return;
    }
    this.#value = { value };
  }

  onEnd(end: StreamEnd): void {
    if (this.#isSettled) return;
    switch (end.kind) {
      case 'status':
        this.#onStatus(end.code, end.message);
        break;
      case 'unprocessed':
        this.#attempt = undefined;
        this.#host.retry(this as UnaryCall<unknown>);
        break;
      case 'lost':
        if (!this.request.isWrite) this.#host.retry(this as UnaryCall<unknown>);
        else this.#fail(`the connection was lost: ${end.message}`, 'unknown', 'connection', end.cause);
        break;
      case 'reset':
        this.#failProtocol(end.message, undefined);
        break;
      default:
        end satisfies never;
    }
  }

  #onStatus(code: number, message: string): void {
    if (code === 0) {
      const answer = this.#value;
      if (answer === undefined) this.#failProtocol('the response has no message', undefined);
      else this.#settle(() => this.#resolve(answer.value));
      return;
    }
    const { reason, outcome } = classifyStatus(code, message, this.request.isWrite);
    if (reason === 'stale-token' && !this.hasNewToken) {
      this.hasNewToken = true;
      this.#attempt = undefined;
      this.#host.retryWithNewToken(this as UnaryCall<unknown>);
      return;
    }
    const { endpoint } = this;
    this.#settle(() => this.#reject(new WireError(message, { outcome, reason, grpcStatus: code, endpoint })));
  }

  #failProtocol(message: string, cause: unknown): void {
    this.#fail(message, this.request.isWrite ? 'unknown' : 'fail', 'protocol', cause);
  }

  #fail(message: string, outcome: 'fail' | 'unknown', reason: WireError['reason'], cause: unknown): void {
    const { endpoint } = this;
    this.#settle(() => this.#reject(new WireError(message, { outcome, reason, endpoint, cause })));
  }

  #settle(tell: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#host.forget(this as UnaryCall<unknown>);
    tell();
  }
}

class UnaryStream extends CallStream {
  readonly #call: UnaryCall<unknown>;

  constructor(call: UnaryCall<unknown>) {
    super();
    this.#call = call;
  }

  get method(): RpcMethod {
    return this.#call.request.method;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.#call.onMessage(bytes, start, end);
  }

  onEnd(end: StreamEnd): void {
    this.#call.onEnd(end);
  }
}
