import {
  type ConnectionState,
  type TemplateCalls,
  type TemplateOutcome,
  type TemplateOwner,
  WireClient,
  type WireConnection,
} from '../wire/index.ts';
import { judgeTemplateFailure } from './judge-failure.ts';
import type { Lane, LaneOwner, LaneParts } from './lane.ts';
import type { LoadTally } from './load-tally.ts';
import { kindOf, type OperationFeed, sequenceOf } from './operation-feed.ts';

/** A connection that carries the requests of an operation, all of them independent: the hot path. */
export class OperationLane implements Lane, TemplateOwner {
  readonly index: number;
  problem = 'not connected yet';
  /** Only where the operation looks at responses: else they are skipped sooner. */
  readonly onMessage?: NonNullable<TemplateOwner['onMessage']>;
  readonly #parts: LaneParts;
  readonly #feed: OperationFeed;
  readonly #tally: LoadTally;
  #owner: LaneOwner | undefined;
  #client: WireClient | undefined;
  #connection: WireConnection | undefined;
  #calls: TemplateCalls | undefined;
  /** Of connections that take no new calls and may have open ones. */
  readonly #retired = new Map<WireConnection, TemplateCalls>();
  #isRenewingToken = false;

  constructor(parts: LaneParts, feed: OperationFeed) {
    this.index = parts.index;
    this.#parts = parts;
    this.#feed = feed;
    this.#tally = parts.tally;
    const { operation } = feed;
    if (operation.onMessage !== undefined)
      this.onMessage = (tag, bytes, start, end) =>
        operation.onMessage?.(kindOf(tag), sequenceOf(tag), bytes, start, end);
  }

  tell(owner: LaneOwner): void {
    this.#owner = owner;
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#client = await WireClient.connect(this.#parts.wire, signal, (state) => this.#onState(state));
    this.#use(this.#client.connection);
  }

  canStart(): boolean {
    return this.#calls?.canSend(this.#feed.next.template) ?? false;
  }

  start(startedAt: number): void {
    this.#tally.onStarted(startedAt);
    this.#feed.send(this.#calls!, startedAt);
  }

  flush(): void {
    this.#calls?.flush();
  }

  expire(startedBefore: number, now: number): void {
    this.#calls?.expire(startedBefore, now);
    for (const [connection, calls] of this.#retired) {
      calls.expire(startedBefore, now);
      if (connection.openCount === 0) this.#retired.delete(connection);
    }
  }

  kindOfUnsent(): number {
    return this.#feed.skip();
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  // ---- of the connection

  onDone(
    startedAt: number,
    now: number,
    grpcStatus: number,
    ended: TemplateOutcome,
    tag: number,
    message: string,
  ): void {
    if (ended !== 'answered' || grpcStatus !== 0) {
      this.#onFailed(startedAt, now, grpcStatus, ended, tag, message);
      return;
    }
    const kind = kindOf(tag);
    this.#tally.onOk(kind, startedAt, now);
    this.#feed.operation.onOutcome?.(kind, sequenceOf(tag), 'ok', startedAt, now);
    this.#owner?.onEnd(this, now, true, 'go');
  }

  onBatch(now: number): void {
    this.#owner?.onBatch(this, now);
  }

  // ---- own

  #onFailed(
    startedAt: number,
    now: number,
    grpcStatus: number,
    ended: TemplateOutcome,
    tag: number,
    message: string,
  ): void {
    const kind = kindOf(tag);
    const isWrite = this.#tally.isWrite(kind);
    const failure = judgeTemplateFailure(grpcStatus, ended, message, isWrite, this.#parts.timeoutMs);
    this.#tally.onFailed(kind, startedAt, failure.outcome, failure.message);
    this.#feed.operation.onOutcome?.(kind, sequenceOf(tag), failure.outcome, startedAt, now);
    if (failure.isTokenStale) this.#renewToken();
    if (failure.senseless !== undefined) this.#owner?.onSenseless(failure.senseless);
    this.#owner?.onEnd(this, now, false, failure.nextMove);
  }

  #onState(state: ConnectionState): void {
    switch (state.kind) {
      case 'ready':
        this.#use(this.#client?.connection);
        break;
      case 'disconnected':
        this.problem = `${state.endpoint}: ${state.why}`;
        if (this.#connection !== undefined && this.#calls !== undefined)
          this.#retired.set(this.#connection, this.#calls);
        this.#connection = undefined;
        this.#calls = undefined;
        break;
      case 'connecting':
        break;
      default:
        state satisfies never;
    }
  }

  #use(connection: WireConnection | undefined): void {
    if (connection === undefined || connection === this.#connection) return;
    this.#connection = connection;
    this.#calls = connection.useTemplates(this);
    this.problem = 'the connection takes no more';
    this.#owner?.onOpen(this, performance.now());
  }

  /** A member that was started again knows no tokens of before. A call of the client's own has it get a new one. */
  #renewToken(): void {
    if (this.#isRenewingToken) return;
    this.#isRenewingToken = true;
    const done = () => {
      this.#isRenewingToken = false;
    };
    this.#client?.range('\0', { limit: 1, serializable: true, keysOnly: true }).then(done, done);
  }
}
