import type { TemplateCalls, TemplateOutcome, TemplateOwner } from '../wire/index.ts';
import { judgeTemplateFailure } from './judge-failure.ts';
import type { Lane, LaneOwner } from './lane.ts';
import type { LoadTally } from './load-tally.ts';
import type { OperationConnection } from './operation-connection.ts';
import { kindOf, type OperationFeed, sequenceOf } from './operation-feed.ts';

/** The requests of one operation on one connection, all of them independent: the hot path. */
export class OperationLane implements Lane, TemplateOwner {
  readonly index: number;
  /** Only where the operation looks at responses: else they are skipped sooner. */
  readonly onMessage?: NonNullable<TemplateOwner['onMessage']>;
  readonly #connection: OperationConnection;
  readonly #feed: OperationFeed;
  readonly #tally: LoadTally;
  readonly #firstKind: number;
  /** Of the connection as it is now. */
  #calls: TemplateCalls | undefined;
  #owner: LaneOwner | undefined;

  constructor(index: number, connection: OperationConnection, feed: OperationFeed, tally: LoadTally) {
    this.index = index;
    this.#connection = connection;
    this.#feed = feed;
    this.#tally = tally;
    const { operation, firstKind } = feed;
    this.#firstKind = firstKind;
    if (operation.onMessage !== undefined)
      this.onMessage = (tag, bytes, start, end) =>
        operation.onMessage?.(kindOf(tag) - firstKind, sequenceOf(tag), bytes, start, end);
  }

  get problem(): string {
    return this.#connection.problem;
  }

  tell(owner: LaneOwner): void {
    this.#owner = owner;
  }

  canStart(): boolean {
    const calls = this.#calls;
    if (calls === undefined) return false;
    const next = this.#feed.next;
    return next !== undefined && calls.canSend(next.template);
  }

  start(startedAt: number): void {
    this.#tally.onStarted(startedAt);
    this.#feed.send(this.#calls!, startedAt);
  }

  flush(): void {
    this.#calls?.flush();
  }

  kindOfUnsent(): number {
    return this.#feed.skip();
  }

  // ---- of the connection

  /** From now on requests go here; undefined: nowhere. */
  use(calls: TemplateCalls | undefined): void {
    this.#calls = calls;
  }

  onOpen(now: number): void {
    this.#owner?.onOpen(this, now);
  }

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
    const kind = kindOf(tag) - this.#firstKind;
    this.#tally.onOk(kind, startedAt, now);
    this.#feed.operation.onOutcome?.(kind, sequenceOf(tag), 'ok', startedAt, now);
    this.#owner?.onEnd(this, now, true, 'go');
  }

  onBatch(now: number): void {
    this.#owner?.onBatch(this, now);
  }

  #onFailed(
    startedAt: number,
    now: number,
    grpcStatus: number,
    ended: TemplateOutcome,
    tag: number,
    message: string,
  ): void {
    const kind = kindOf(tag) - this.#firstKind;
    const isWrite = this.#tally.isWrite(kind);
    const failure = judgeTemplateFailure(grpcStatus, ended, message, isWrite, this.#connection.timeoutMs);
    this.#tally.onFailed(kind, startedAt, failure.outcome, failure.message);
    this.#feed.operation.onOutcome?.(kind, sequenceOf(tag), failure.outcome, startedAt, now, failure);
    if (failure.isTokenStale) this.#connection.renewToken();
    if (failure.senseless !== undefined) this.#owner?.onSenseless(failure.senseless);
    this.#owner?.onEnd(this, now, false, failure.nextMove);
  }
}
