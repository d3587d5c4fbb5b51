import type { StreamEnd, WireConnection } from '../http2/index.ts';
import type { TimerEntry } from '../loop/index.ts';
import type { LeaseKeepAliveResult } from '../messages/index.ts';
import { readToken, writeAuthenticate } from '../messages/index.ts';
import type { ProtoWriter } from '../protobuf/index.ts';
import { classifyStatus, WireError } from '../wire-error.ts';
import { type ConnectionState, Connector, type ConnectorListener } from './connector.ts';
import { LeaseMux } from './lease-mux.ts';
import { Method } from './methods.ts';
import { type CallHost, UnaryCall, type UnaryRequest } from './unary-call.ts';
import { type StreamHost, WatchMux } from './watch-mux.ts';
import type { Watcher, WatchHandlers, WatchTarget } from './watcher.ts';
import type { ResolvedOptions } from './wire-options.ts';

/** Limits of one call. */
export interface CallOptions {
  /** Default: the client's. Waiting for a connection counts. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Call = UnaryCall<unknown>;

/** What stands behind WireClient: its connection, its calls and streams, and its token. */
export class ClientCore implements CallHost, StreamHost, ConnectorListener {
  readonly options: ResolvedOptions;
  readonly #onState: ((state: ConnectionState) => void) | undefined;
  readonly #connector: Connector;
  /** All that are not over. */
  readonly #calls = new Set<Call>();
  /** Those that wait for a connection. */
  #waiting: Call[] = [];
  /** Those that wait for a new token. */
  #waitingForToken: Call[] = [];
  #watches: WatchMux | undefined;
  #leases: LeaseMux | undefined;
  /** Connected and authenticated. */
  #ready: WireConnection | undefined;
  #hasToken = false;
  #isRenewing = false;
  #lastEndpoint: string;
  #lastProblem = 'not connected yet';
  /** Until the first connection is ready. */
  #first: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  #isClosed = false;

  constructor(options: ResolvedOptions, onState: ((state: ConnectionState) => void) | undefined) {
    this.options = options;
    this.#onState = onState;
    this.#connector = new Connector(options, this);
    this.#lastEndpoint = options.targets[0]?.endpoint ?? '';
  }

  get connection(): WireConnection | undefined {
    return this.#ready?.isUsable === true ? this.#ready : undefined;
  }

  get endpoint(): string {
    return this.#ready?.target.endpoint ?? this.#lastEndpoint;
  }

  get writer(): ProtoWriter {
    return this.options.loop.protoWriter;
  }

  /** Resolves when the first connection is ready; rejects after one round of all endpoints. */
  connectFirst(signal: AbortSignal | undefined): Promise<void> {
    const { loop, dialTimeoutMs } = this.options;
    return new Promise((resolve, reject) => {
      const abort = () => this.#first?.reject(signal?.reason);
      const settle = (tell: () => void) => {
        if (this.#first === undefined) return;
        this.#first = undefined;
        loop.timers.cancel(timer);
        signal?.removeEventListener('abort', abort);
        tell();
      };
      const timer = loop.timers.schedule(dialTimeoutMs, () => this.#first?.reject(this.#unreachable()));
      this.#first = {
        resolve: () => settle(resolve),
        reject: (error) =>
          settle(() => {
            this.close();
            reject(error);
          }),
      };
      signal?.addEventListener('abort', abort);
      this.#onState?.({ kind: 'connecting' });
      this.#connector.start();
    });
  }

  call<T>(
    request: UnaryRequest<T>,
    { timeoutMs = this.options.requestTimeoutMs, signal }: CallOptions = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = new UnaryCall<T>(request, this, resolve, reject) as Call;
      if (this.#isClosed || signal?.aborted === true) {
        call.giveUp(
          this.#gaveUp(call, 'cancelled', this.#isClosed ? 'the client is closed' : 'aborted', signal?.reason),
        );
        return;
      }
      call.timer = this.options.loop.timers.schedule(timeoutMs, () => this.#onDeadline(call, timeoutMs));
      if (signal !== undefined) {
        const abort = () => call.giveUp(this.#gaveUp(call, 'cancelled', 'aborted', signal.reason));
        signal.addEventListener('abort', abort, { once: true });
        call.onSettled = () => signal.removeEventListener('abort', abort);
      }
      this.#calls.add(call);
      this.retry(call);
    });
  }

  watch(target: WatchTarget, handlers: WatchHandlers): Watcher {
    this.#watches ??= new WatchMux(this);
    return this.#watches.add(target, handlers);
  }

  keepAlive(id: bigint, timeoutMs = this.options.requestTimeoutMs): Promise<LeaseKeepAliveResult> {
    if (this.#isClosed) return Promise.reject(this.#closedError());
    const { timers } = this.options.loop;
    this.#leases ??= new LeaseMux(this);
    return this.#leases.keepAlive(
      id,
      (onDeadline) => timers.schedule(timeoutMs, onDeadline),
      (timer: TimerEntry) => timers.cancel(timer),
      () => this.#deadlineError(timeoutMs, 'fail'),
    );
  }

  moveOn(why: string): void {
    this.#connector.moveOn(why);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#first?.reject(this.#closedError());
    for (const call of [...this.#calls])
      call.giveUp(this.#gaveUp(call, 'cancelled', 'the client was closed', undefined));
    this.#leases?.endAll(this.#closedError());
    this.#watches?.close();
    this.#ready = undefined;
    this.#connector.close('the client was closed');
  }

  // ---- of calls

  retry(call: Call): void {
    const { connection } = this;
    if (connection === undefined) this.#waiting.push(call);
    else call.sendOn(connection);
  }

  retryWithNewToken(call: Call): void {
    this.#waitingForToken.push(call);
    this.renewToken();
  }

  forget(call: Call): void {
    this.#calls.delete(call);
    if (call.timer !== undefined) this.options.loop.timers.cancel(call.timer);
    call.onSettled?.();
  }

  // ---- of streams

  onStreamEnd(end: StreamEnd): void {
    if (end.kind === 'lost' || end.kind === 'unprocessed') return;
    const { reason } =
      end.kind === 'status' ? classifyStatus(end.code, end.message, false) : { reason: 'protocol' as const };
    if (reason === 'stale-token') this.renewToken();
    else if (reason === 'permission-denied' || reason === 'unauthenticated') this.#endStreams(end.message, reason);
    else this.#connector.moveOn(end.message || 'the server ended a stream');
  }

  renewToken(): void {
    const { connection } = this;
    if (this.#isRenewing || connection === undefined) return;
    this.#isRenewing = true;
    const done = () => {
      this.#isRenewing = false;
      return this.#waitingForToken.splice(0);
    };
    this.#authenticate(connection).then(
      () => {
        for (const call of done()) if (!call.isSettled) this.retry(call);
        this.#attachStreams();
      },
      (error: WireError) => {
        const calls = done();
        // A connection that broke is no verdict on the credentials.
        if (error.reason === 'connection') for (const call of calls) this.retry(call);
        else {
          for (const call of calls) call.giveUp(error);
          this.#endStreams(error.message, error.reason);
        }
      },
    );
  }

  // ---- of the connector

  onConnection(connection: WireConnection): void {
    this.#lastEndpoint = connection.target.endpoint;
    if (this.options.auth === undefined || this.#hasToken) {
      this.#becomeReady(connection);
      return;
    }
    this.#authenticate(connection).then(
      () => this.#becomeReady(connection),
      (error: WireError) => {
        this.#lastProblem = error.message;
        if (error.reason !== 'connection') this.#first?.reject(error);
        this.#connector.moveOn(error.message);
      },
    );
  }

  onDisconnected(endpoint: string, why: string): void {
    this.#lastProblem = `${endpoint}: ${why}`;
    this.#ready = undefined;
    this.#watches?.detach(why);
    this.#leases?.detach();
    if (!this.#isClosed) this.#onState?.({ kind: 'disconnected', endpoint, why });
  }

  onDialFailed(endpoint: string, why: string, failuresInARow: number): void {
    this.#lastProblem = `${endpoint}: ${why}`;
    if (failuresInARow >= this.options.targets.length) this.#first?.reject(this.#unreachable());
  }

  // ---- own

  #becomeReady(connection: WireConnection): void {
    if (this.#isClosed || !connection.isUsable) return;
    this.#ready = connection;
    this.#first?.resolve();
    this.#onState?.({ kind: 'ready', endpoint: connection.target.endpoint });
    this.#attachStreams();
    for (const call of this.#waiting.splice(0)) if (!call.isSettled) this.retry(call);
  }

  #attachStreams(): void {
    const { connection } = this;
    if (connection === undefined) return;
    this.#watches?.attach(connection);
    this.#leases?.attach(connection);
  }

  #endStreams(message: string, reason: WireError['reason']): void {
    this.#watches?.endAll(message);
    this.#leases?.endAll(new WireError(message, { outcome: 'fail', reason, endpoint: this.endpoint }));
  }

  /** Gets a token and has the connection use it. Rejects with a WireError. */
  async #authenticate(connection: WireConnection): Promise<void> {
    const { auth, loop, requestTimeoutMs } = this.options;
    if (auth === undefined) throw new WireError('etcd asks for a user', { outcome: 'fail', reason: 'unauthenticated' });
    writeAuthenticate(this.writer, auth);
    const request = { method: Method.authenticate, frame: this.writer.finish(), isWrite: false, read: readToken };
    try {
      const token = await new Promise<string>((resolve, reject) => {
        const host: CallHost = {
          retry: (call) =>
            call.giveUp(
              new WireError('the connection was lost during authentication', { outcome: 'fail', reason: 'connection' }),
            ),
          retryWithNewToken: (call) =>
            call.giveUp(new WireError('the token is refused', { outcome: 'fail', reason: 'unauthenticated' })),
          forget: (call) => call.timer !== undefined && loop.timers.cancel(call.timer),
        };
        const call = new UnaryCall(request, host, resolve, reject);
        call.timer = loop.timers.schedule(requestTimeoutMs, () =>
          call.giveUp(this.#deadlineError(requestTimeoutMs, 'fail')),
        );
        call.sendOn(connection);
      });
      this.#hasToken = true;
      this.#connector.setToken(token);
      connection.setToken(token);
    } catch (error) {
      // Credentials for a cluster that wants none do no harm.
      if (error instanceof WireError && /authentication is not enabled/.test(error.message)) return;
      throw error;
    }
  }

  #onDeadline(call: Call, timeoutMs: number): void {
    const outcome = call.request.isWrite && call.mayHaveArrived ? 'unknown' : 'fail';
    call.giveUp(this.#deadlineError(timeoutMs, outcome));
  }

  #deadlineError(timeoutMs: number, outcome: 'fail' | 'unknown'): WireError {
    const isConnected = this.connection !== undefined;
    const problem = isConnected ? '' : `; not connected: ${this.#lastProblem}`;
    return new WireError(`no answer within ${timeoutMs} ms${problem}`, {
      outcome,
      reason: 'deadline',
      endpoint: this.endpoint,
    });
  }

  #gaveUp(call: Call, reason: 'cancelled', message: string, cause: unknown): WireError {
    const outcome = call.request.isWrite && call.mayHaveArrived ? 'unknown' : 'fail';
    return new WireError(message, { outcome, reason, endpoint: this.endpoint, cause });
  }

  #closedError(): WireError {
    return new WireError('the client is closed', { outcome: 'fail', reason: 'cancelled', endpoint: this.endpoint });
  }

  #unreachable(): WireError {
    const endpoints = this.options.targets.map(({ endpoint }) => endpoint).join(', ');
    return new WireError(`no etcd answers at ${endpoints} (${this.#lastProblem})`, {
      outcome: 'fail',
      reason: 'connection',
      endpoint: endpoints,
      hint: 'Check that the cluster runs and that the endpoints are its client URLs.',
    });
  }
}
