import type { CallStream, StreamEnd } from './call-stream.ts';
import { ErrorCode, Http2Error, LARGEST_WINDOW } from './frame.ts';
import type { RequestSender } from './request-sender.ts';
import type { TemplateCalls } from './template-calls.ts';

/** What calls ask of the life of their connection. */
export interface CallsOwner {
  /** Whether a new call can be started. */
  readonly isUsable: boolean;
  readonly isClosed: boolean;
  /** The first call is open. */
  onBusy(): void;
  /** No id is left for another. */
  onIdsUsedUp(): void;
  /** A call is gone and none is open. */
  onIdle(): void;
}

const LAST_STREAM_ID = 0x7fffffff;

/** The calls of a connection: those that are open, by their stream ids, and those that wait for the peer's limit. */
export class OpenCalls {
  /** What the peer allows at a time. */
  maxCount = LARGEST_WINDOW;
  /** Those of the template path count too. */
  count = 0;
  /** The template path's state, once it is used. */
  templates: TemplateCalls | undefined;
  readonly sender: RequestSender;
  readonly #owner: CallsOwner;
  readonly #streams = new Map<number, CallStream>();
  /** Calls that wait for the peer's stream limit. */
  #waiting: CallStream[] | undefined;
  #nextId: number;

  constructor(sender: RequestSender, owner: CallsOwner, firstStreamId: number) {
    this.sender = sender;
    this.#owner = owner;
    this.#nextId = firstStreamId;
  }

  /** Whether another call of the template path may be started. */
  get hasRoom(): boolean {
    return this.#owner.isUsable && this.count < this.maxCount;
  }

  get(streamId: number): CallStream | undefined {
    return this.#streams.get(streamId);
  }

  /** Throws Http2Error for a stream that we never opened. */
  expectOurs(streamId: number): void {
    if ((streamId & 1) === 0 || streamId >= this.#nextId)
      throw new Http2Error(ErrorCode.protocolError, `stream ${streamId} is not one of ours`);
  }

  /** Starts a call, or keeps it until the peer allows another. */
  start(stream: CallStream, frame: Buffer, isLast: boolean): void {
    stream.outgoing = frame;
    stream.outgoingEnd = frame.length;
    stream.endsAfterOutgoing = isLast;
    if (!this.#owner.isUsable) {
      this.finish(stream, { kind: 'unprocessed', message: 'the connection takes no calls' });
    } else if (this.count >= this.maxCount) {
      this.#waiting ??= [];
      this.#waiting.push(stream);
    } else this.#open(stream);
  }

  /** Takes the next stream id. There is one as long as the connection is usable. */
  allocateId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    this.count += 1;
    if (this.#nextId > LAST_STREAM_ID) this.#owner.onIdsUsedUp();
    if (this.count === 1) this.#owner.onBusy();
    return id;
  }

  /** A stream of the template path is over. */
  releaseTemplateStream(): void {
    this.count -= 1;
    if (this.count === 0 || this.#waiting !== undefined) this.onGone();
  }

  /** A stream is gone: there may be room for another, or nothing left to wait for. */
  onGone(): void {
    this.startWaiting();
    if (this.count === 0) this.#owner.onIdle();
  }

  /** The peer may allow more than before. */
  startWaiting(): void {
    while (this.#waiting !== undefined && this.hasRoom) {
      const next = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waiting = undefined;
      if (next !== undefined && !next.isOver) this.#open(next);
    }
  }

  /** The peer changed what a stream may send. */
  resizeWindows(initial: number): void {
    if (initial > LARGEST_WINDOW) throw new Http2Error(ErrorCode.flowControlError, 'a window is too large');
    const change = initial - this.sender.initialStreamWindow;
    this.sender.initialStreamWindow = initial;
    for (const stream of this.#streams.values()) stream.sendWindow += change;
  }

  /** Ends a call that is still open: the server is told, the call is not. */
  cancel(stream: CallStream): void {
    if (stream.isOver) return;
    stream.isOver = true;
    this.#forget(stream);
    if (stream.id === 0 || this.#owner.isClosed) return;
    this.sender.reset(stream.id, ErrorCode.cancel);
    this.onGone();
  }

  /** The stream makes no sense any more: reset it and tell the call. */
  abandon(stream: CallStream, problem: string | StreamEnd): void {
    this.sender.reset(stream.id, ErrorCode.cancel);
    this.end(stream, typeof problem === 'string' ? { kind: 'reset', message: problem } : problem);
  }

  /** The call is over, and makes room. */
  end(stream: CallStream, end: StreamEnd): void {
    this.finish(stream, end);
    this.onGone();
  }

  /** The connection takes no new calls: those that wait will never be open. */
  takeWaiting(): readonly CallStream[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    return waiting;
  }

  /** The server did not begin to handle calls after this one. */
  refuseAbove(lastId: number, why: string, now: number): void {
    for (const stream of [...this.#streams.values()])
      if (stream.id > lastId) this.finish(stream, { kind: 'unprocessed', message: why });
    this.templates?.refuseAbove(lastId, why, now);
    this.onGone();
  }

  /** The connection is lost: every call is told. */
  loseAll(why: string, cause: unknown): void {
    const orphans = [...this.#streams.values(), ...this.takeWaiting()];
    this.#streams.clear();
    this.sender.dropBlocked();
    for (const stream of orphans) {
      // Without END_STREAM the server cannot have carried out a call with one request.
      const end: StreamEnd =
        stream.id === 0 || (stream.endsAfterOutgoing && !stream.isSendDone)
          ? { kind: 'unprocessed', message: why }
          : { kind: 'lost', message: why, cause };
      this.finish(stream, end);
    }
    this.templates?.loseAll(why);
  }

  /** Tells the call how it ended. */
  finish(stream: CallStream, end: StreamEnd): void {
    if (stream.isOver) return;
    stream.isOver = true;
    this.#forget(stream);
    stream.onEnd(end);
  }

  #open(stream: CallStream): void {
    stream.id = this.allocateId();
    this.#streams.set(stream.id, stream);
    this.sender.begin(stream);
  }

  #forget(stream: CallStream): void {
    stream.outgoing = undefined;
    if (this.#streams.delete(stream.id)) this.count -= 1;
    else if (this.#waiting !== undefined) this.#waiting = this.#waiting.filter((other) => other !== stream);
  }
}
