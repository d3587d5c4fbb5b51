import type { RpcMethod } from '../hpack/index.ts';
import { CallStream } from './call-stream.ts';

const NO_METHOD: RpcMethod = { path: '' };

/** Puts a message together that comes in several frames. */
export class MessageCollector extends CallStream {
  readonly method = NO_METHOD;
  readonly #onWhole: (bytes: Buffer, start: number, end: number) => void;

  constructor(onWhole: (bytes: Buffer, start: number, end: number) => void) {
    super();
    this.#onWhole = onWhole;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.#onWhole(bytes, start, end);
  }

  onEnd(): void {}
}
