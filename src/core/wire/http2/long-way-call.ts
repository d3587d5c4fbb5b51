import { GrpcStatus } from '../grpc-status.ts';
import type { RpcMethod } from '../hpack/index.ts';
import { CallStream, type StreamEnd, statusOfEnd } from './call-stream.ts';
import type { TemplateOutcome, TemplateOwner } from './template-owner.ts';

/** A template call that is too large for one frame or window, or the first of its kind. */
export class LongWayCall extends CallStream {
  readonly method: RpcMethod;
  readonly startedAt: number;
  readonly #tag: number;
  readonly #owner: TemplateOwner;
  readonly #onGone: (call: LongWayCall) => void;

  constructor(
    method: RpcMethod,
    startedAt: number,
    tag: number,
    owner: TemplateOwner,
    onGone: (call: LongWayCall) => void,
  ) {
    super();
    this.method = method;
    this.startedAt = startedAt;
    this.#tag = tag;
    this.#owner = owner;
    this.#onGone = onGone;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.#owner.onMessage?.(this.#tag, bytes, start, end);
  }

  onEnd(end: StreamEnd): void {
    const outcome = end.kind === 'status' ? 'answered' : end.kind === 'unprocessed' ? 'unprocessed' : 'lost';
    this.#finish(performance.now(), statusOfEnd(end), outcome, end.message);
  }

  /** It was cancelled because its time is over. */
  expire(now: number, why: string): void {
    // Without END_STREAM the server cannot have carried it out.
    this.#finish(now, GrpcStatus.deadlineExceeded, this.isSendDone ? 'lost' : 'unprocessed', why);
  }

  #finish(now: number, grpcStatus: number, outcome: TemplateOutcome, message: string): void {
    this.#onGone(this);
    this.#owner.onDone(this.startedAt, now, grpcStatus, outcome, this.#tag, message);
  }
}
