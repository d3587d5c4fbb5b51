import type { StreamEnd, WireConnection } from '../http2/index.ts';
import type { TimerEntry } from '../loop/index.ts';
import type { LeaseKeepAliveResult } from '../messages/index.ts';
import type { ProtoWriter } from '../protobuf/index.ts';
import { classifyStatus, WireError } from '../wire-error.ts';
import { type ConnectionState, Connector, type ConnectorListener } from './connector.ts';
import { FirstConnection } from './first-connection.ts';
import { LeaseMux } from './lease-mux.ts';
import { type TokenHost, TokenKeeper } from './token-keeper.ts';
import type { UnaryCall, UnaryRequest } from './unary-call.ts';
import { type CallOptions, UnaryCalls, type UnaryCallsHost } from './unary-calls.ts';
import { type StreamHost, WatchMux } from './watch-mux.ts';
import type { Watcher, WatchHandlers, WatchTarget } from './watcher.ts';
import type { ResolvedOptions } from './wire-options.ts';

/** What stands behind WireClient: its connection, its calls and streams, and its token. */
export class ClientCore implements UnaryCallsHost, StreamHost, TokenHost, ConnectorListener {
  readonly options: ResolvedOptions;
  readonly #onState: ((state: ConnectionState) => void) | undefined;
  readonly #connector: Connector;
  readonly #calls = new UnaryCalls(this);
  #watches: WatchMux | undefined;
  #leases: LeaseMux | undefined;
  #token: TokenKeeper | undefined;
  /** Connected and authenticated. */
  #ready: WireConnection | undefined;
  #lastEndpoint: string;
  #lastProblem = 'not connected yet';
  /** Until the first connection is ready. */
  #first: FirstConnection | undefined;
  #isClosed = false;

  constructor(options: ResolvedOptions, onState: ((state: ConnectionState) => void) | undefined) {
    this.options = options;
    this.#onState = onState;
    this.#connector = new Connector(options, this);
    this.#lastEndpoint = options.targets.at(0).endpoint;
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
    const first = new FirstConnection({
      timers: loop.timers,
      timeoutMs: dialTimeoutMs,
      signal,
      timeoutError: () => this.#unreachable(),
      onFailed: () => this.close(),
    });
    this.#first = first;
    this.#onState?.({ kind: 'connecting' });
    this.#connector.start();
    return first.promise;
  }

  call<T>(request: UnaryRequest<T>, options: CallOptions | undefined): Promise<T> {
    return this.#calls.call(request, options);
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
      () => this.deadlineError(timeoutMs, 'fail'),
    );
  }

  moveOn(why: string): void {
    this.#connector.moveOn(why);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#first?.fail(this.#closedError());
    this.#calls.close();
    this.#leases?.endAll(this.#closedError());
    this.#watches?.close();
    this.#ready = undefined;
    this.#connector.close('the client was closed');
  }

  // ---- of calls

  onStaleToken(call: UnaryCall<unknown>): void {
    this.#tokens().add(call);
    this.renewToken();
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
    if (connection !== undefined) this.#tokens().renew(connection);
  }

  // ---- of the token

  retry(call: UnaryCall<unknown>): void {
    this.#calls.retry(call);
  }

  onToken(token: string): void {
    this.#connector.setToken(token);
  }

  onRenewed(): void {
    this.#attachStreams();
  }

  onRefused({ message, reason }: WireError): void {
    this.#endStreams(message, reason);
  }

  deadlineError(timeoutMs: number, outcome: 'fail' | 'unknown'): WireError {
    const problem = this.connection !== undefined ? '' : `; not connected: ${this.#lastProblem}`;
    return new WireError(`no answer within ${timeoutMs} ms${problem}`, {
      outcome,
      reason: 'deadline',
      endpoint: this.endpoint,
    });
  }

  // ---- of the connector

  onConnection(connection: WireConnection): void {
    this.#lastEndpoint = connection.target.endpoint;
    if (this.options.auth === undefined || this.#tokens().hasToken) {
      this.#becomeReady(connection);
      return;
    }
    this.#tokens()
      .authenticate(connection)
      .then(
        () => this.#becomeReady(connection),
        (error: WireError) => {
          this.#lastProblem = error.message;
          if (error.reason !== 'connection') this.#first?.fail(error);
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
    if (failuresInARow >= this.options.targets.count) this.#first?.fail(this.#unreachable());
  }

  // ---- own

  #becomeReady(connection: WireConnection): void {
    if (this.#isClosed || !connection.isUsable) return;
    this.#ready = connection;
    this.#first?.succeed();
    this.#first = undefined;
    this.#onState?.({ kind: 'ready', endpoint: connection.target.endpoint });
    this.#attachStreams();
    this.#calls.sendWaiting();
  }

  /** Made when it is needed: most clusters know no users. */
  #tokens(): TokenKeeper {
    this.#token ??= new TokenKeeper(this);
    return this.#token;
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

  #closedError(): WireError {
    return new WireError('the client is closed', { outcome: 'fail', reason: 'cancelled', endpoint: this.endpoint });
  }

  #unreachable(): WireError {
    const endpoints = this.options.targets.endpoints.join(', ');
    return new WireError(`no etcd answers at ${endpoints} (${this.#lastProblem})`, {
      outcome: 'fail',
      reason: 'connection',
      endpoint: endpoints,
      hint: 'Check that the cluster runs and that the endpoints are its client URLs.',
    });
  }
}
