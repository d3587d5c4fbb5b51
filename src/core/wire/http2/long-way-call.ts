import type { RpcMethod } from '../hpack/index.ts';
import { CallStream, type StreamEnd, statusOfEnd } from './call-stream.ts';
import type { TemplateOwner } from './template-owner.ts';

/** A template call that is too large for one frame or window, or the first of its kind. */
export class LongWayCall extends CallStream {
  readonly method: RpcMethod;
  readonly #startedAt: number;
  readonly #owner: TemplateOwner;

  constructor(method: RpcMethod, startedAt: number, owner: TemplateOwner) {
    super();
    this.method = method;
    this.#startedAt = startedAt;
    this.#owner = owner;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.#owner.onMessage?.(bytes, start, end);
  }

  onEnd(end: StreamEnd): void {
    const outcome = end.kind === 'status' ? 'answered' : end.kind === 'unprocessed' ? 'unprocessed' : 'lost';
    this.#owner.onDone(this.#startedAt, performance.now(), statusOfEnd(end), outcome);
  }
}
