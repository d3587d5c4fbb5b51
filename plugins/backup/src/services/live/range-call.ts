import { CallStream, Method, type StreamEnd } from '@etcdperf/core/wire';
import type { RangePage } from './range-page.ts';

/** How one attempt ended. */
export type RangeEnd =
  | { readonly kind: 'read' }
  /** The answer was refused: it would have been longer than allowed. */
  | { readonly kind: 'too-long'; readonly bytes: number }
  | Exclude<StreamEnd, { readonly kind: 'reset' }>
  | { readonly kind: 'malformed'; readonly message: string };

/** One Range on a connection, its answer in a page. */
export class RangeCall extends CallStream {
  readonly method = Method.range;
  readonly #page: RangePage;
  readonly #mostBytes: number;
  readonly #onOver: (end: RangeEnd) => void;
  #refusedBytes = 0;
  #hasMessage = false;
  #problem: string | undefined;

  /** @param onOver exactly once, unless the call is cancelled */
  constructor(page: RangePage, mostBytes: number, onOver: (end: RangeEnd) => void) {
    super();
    this.#page = page;
    this.#mostBytes = mostBytes;
    this.#onOver = onOver;
  }

  protected override isTooLong(bytes: number): boolean {
    if (bytes <= this.#mostBytes) return false;
    this.#refusedBytes = bytes;
    return true;
  }

  protected override memoryFor(bytes: number): Buffer {
    return this.#page.memoryFor(bytes);
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.#hasMessage = true;
    try {
      this.#page.read(bytes, start, end);
    } catch (error) {
      this.#problem = (error as Error).message;
    }
  }

  onEnd(end: StreamEnd): void {
    if (end.kind === 'reset') {
      this.#onOver(
        this.#refusedBytes > 0
          ? { kind: 'too-long', bytes: this.#refusedBytes }
          : { kind: 'malformed', message: end.message },
      );
    } else if (end.kind !== 'status' || end.code !== 0) this.#onOver(end);
    else if (this.#problem !== undefined) this.#onOver({ kind: 'malformed', message: this.#problem });
    else
      this.#onOver(this.#hasMessage ? { kind: 'read' } : { kind: 'malformed', message: 'the response has no message' });
  }
}
