import {
  type ConnectionState,
  type MemberStatus,
  type TemplateCalls,
  type TemplateOutcome,
  type TemplateOwner,
  WireClient,
  type WireConnection,
  type WireOptions,
} from '../wire/index.ts';
import type { LoadConnection } from './load-connection.ts';
import type { LoadTally } from './load-tally.ts';
import { kindOf, type OperationFeed } from './operation-feed.ts';
import { OperationLane } from './operation-lane.ts';

export interface OperationConnectionParts {
  readonly wire: WireOptions;
  readonly timeoutMs: number;
  /** Counts, as its only kind, how long it took until there was a connection again. */
  readonly reconnects?: LoadTally;
  /** Another connection takes over after so many answers; 0: never. */
  readonly renewAfter?: number;
}

/**
 * A connection that carries the requests of one operation or of several, each on its own lane. A lane that is alone is
 * told of its answers directly; of several, the kind of the request tells which one.
 */
export class OperationConnection implements LoadConnection, TemplateOwner {
  readonly timeoutMs: number;
  problem = 'not connected yet';
  /** Only where a lane looks at responses. */
  onMessage?: NonNullable<TemplateOwner['onMessage']>;
  readonly #parts: OperationConnectionParts;
  readonly #lanes: OperationLane[] = [];
  /** By the kind of a request. */
  readonly #laneOf: OperationLane[] = [];
  #client: WireClient | undefined;
  #connection: WireConnection | undefined;
  #calls: TemplateCalls | undefined;
  /** Those that take no new calls and may have open ones, with the client that is to be closed after the last. */
  readonly #retired = new Map<WireConnection, { readonly calls: TemplateCalls; readonly client?: WireClient }>();
  /** Since when there is no connection, by performance.now(). */
  #lostAt: number | undefined;
  #answers = 0;
  #isClosed = false;
  /** Another connection is being made, to take over; aborted by `close()`. */
  #renewal: AbortController | undefined;
  #isRenewingToken = false;

  constructor(parts: OperationConnectionParts) {
    this.#parts = parts;
    this.timeoutMs = parts.timeoutMs;
  }

  /** Before `open()`. @param index of the lane among those of its load */
  addLane(index: number, feed: OperationFeed, tally: LoadTally): OperationLane {
    const lane = new OperationLane(index, this, feed, tally);
    this.#lanes.push(lane);
    for (let kind = 0; kind < feed.operation.kinds.length; kind += 1) this.#laneOf[feed.firstKind + kind] = lane;
    if (lane.onMessage !== undefined)
      this.onMessage = (tag, bytes, start, end) => this.#laneOf[kindOf(tag)]!.onMessage?.(tag, bytes, start, end);
    return lane;
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#client = await this.#connect(signal);
    this.#use(this.#client.connection);
  }

  expire(startedBefore: number, now: number): void {
    this.#calls?.expire(startedBefore, now);
    for (const [connection, { calls, client }] of this.#retired) {
      calls.expire(startedBefore, now);
      if (connection.openCount > 0) continue;
      this.#retired.delete(connection);
      void client?.close();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#renewal?.abort();
    await this.#client?.close();
    for (const { client } of this.#retired.values()) await client?.close();
  }

  /** Of the member that it is connected to. */
  status(): Promise<MemberStatus> | undefined {
    return this.#client?.status();
  }

  /** A member that was started again knows no tokens of before. A call of the client's own has it get a new one. */
  renewToken(): void {
    if (this.#isRenewingToken) return;
    this.#isRenewingToken = true;
    const done = () => {
      this.#isRenewingToken = false;
    };
    this.#client?.range('\0', { limit: 1, serializable: true, keysOnly: true }).then(done, done);
  }

  // ---- of the calls of several lanes, or of one whose answers are counted

  onDone(
    startedAt: number,
    now: number,
    grpcStatus: number,
    ended: TemplateOutcome,
    tag: number,
    message: string,
  ): void {
    this.#answers += 1;
    this.#laneOf[kindOf(tag)]!.onDone(startedAt, now, grpcStatus, ended, tag, message);
  }

  onBatch(now: number): void {
    for (const lane of this.#lanes) lane.onBatch(now);
    const { renewAfter = 0 } = this.#parts;
    const isDue = renewAfter > 0 && this.#answers >= renewAfter && this.#renewal === undefined;
    if (isDue && !this.#isClosed) void this.#renew();
  }

  // ---- own

  async #connect(signal: AbortSignal): Promise<WireClient> {
    let client: WireClient | undefined;
    client = await WireClient.connect(this.#parts.wire, signal, (state) => {
      if (client !== undefined && client === this.#client) this.#onState(state);
    });
    return client;
  }

  /** The new connection stands before the old one takes no more: nothing waits, nothing is lost. Never rejects. */
  async #renew(): Promise<void> {
    const renewal = new AbortController();
    this.#renewal = renewal;
    const { reconnects } = this.#parts;
    const startedAt = performance.now();
    reconnects?.onStarted(startedAt);
    try {
      const client = await this.#connect(renewal.signal);
      if (renewal.signal.aborted) await client.close();
      else this.#changeTo(client);
      reconnects?.onOk(0, startedAt, performance.now());
    } catch (error) {
      if (renewal.signal.aborted) return;
      reconnects?.onFailed(0, startedAt, 'fail', error instanceof Error ? error.message : String(error));
    }
    this.#answers = 0;
    this.#renewal = undefined;
  }

  #changeTo(client: WireClient): void {
    const old = this.#client;
    this.#client = client;
    if (this.#connection === undefined || this.#calls === undefined) void old?.close();
    else this.#retired.set(this.#connection, { calls: this.#calls, ...(old !== undefined && { client: old }) });
    // It can be lost already: then its own client has another soon.
    if (client.connection === undefined) this.#lose();
    else this.#use(client.connection);
  }

  #lose(): void {
    this.#connection = undefined;
    this.#calls = undefined;
    for (const lane of this.#lanes) lane.use(undefined);
    this.#lostAt = performance.now();
    this.#parts.reconnects?.onStarted(this.#lostAt);
  }

  #onState(state: ConnectionState): void {
    switch (state.kind) {
      case 'ready':
        this.#use(this.#client?.connection);
        break;
      case 'disconnected':
        this.problem = `${state.endpoint}: ${state.why}`;
        if (this.#connection === undefined || this.#calls === undefined) break;
        this.#retired.set(this.#connection, { calls: this.#calls });
        this.#lose();
        break;
      case 'connecting':
        break;
      default:
        state satisfies never;
    }
  }

  #use(connection: WireConnection | undefined): void {
    if (connection === undefined || connection === this.#connection) return;
    const isDirect = this.#lanes.length === 1 && (this.#parts.renewAfter ?? 0) === 0;
    const calls = connection.useTemplates(isDirect ? this.#lanes[0]! : this);
    const now = performance.now();
    this.#connection = connection;
    this.#calls = calls;
    this.problem = 'the connection takes no more';
    if (this.#lostAt !== undefined) this.#parts.reconnects?.onOk(0, this.#lostAt, now);
    this.#lostAt = undefined;
    for (const lane of this.#lanes) lane.use(calls);
    for (const lane of this.#lanes) lane.onOpen(now);
  }
}
