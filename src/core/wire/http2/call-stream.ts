import { GrpcStatus } from '../grpc-status.ts';
import type { RpcMethod } from '../hpack/index.ts';

/** How a stream ended. */
export type StreamEnd =
  /** The server gave a gRPC status. */
  | { readonly kind: 'status'; readonly code: number; readonly message: string }
  /** The server certainly did not begin to handle it: it may be sent again, whatever it is. */
  | { readonly kind: 'unprocessed'; readonly message: string }
  /** The stream was reset, by the server or because what it sent makes no sense. */
  | { readonly kind: 'reset'; readonly message: string }
  /** The connection was lost. */
  | { readonly kind: 'lost'; readonly message: string; readonly cause?: unknown };

/** A message that claims to be longer than this is refused. */
const LONGEST_MESSAGE = 512 * 1024 * 1024;
/** What gRPC puts before each message: a flag and the length. */
export const GRPC_PREFIX = 5;

/**
 * One gRPC call on a connection: a request of one or more messages, a response of any number. Subclasses say what the
 * call is and take what comes; the connection moves its bytes. Each object is used for one stream only.
 */
export abstract class CallStream {
  /** 0 until the connection has opened it. */
  id = 0;
  /** How many bytes of DATA the peer takes on this stream; kept by the connection. */
  sendWindow = 0;
  /** gRPC frames that wait for the peer's windows: `outgoing[outgoingOffset, outgoingEnd)`. */
  outgoing: Buffer | undefined;
  outgoingOffset = 0;
  outgoingEnd = 0;
  /** Nothing follows what is in `outgoing`. */
  endsAfterOutgoing = false;
  /** END_STREAM was sent: before that, no server can have carried out a unary call. */
  isSendDone = false;
  isOver = false;
  hasHeaders = false;
  /** Since the stream's window was last topped up. */
  receivedBytes = 0;
  #partial: Buffer | undefined;
  #partialLength = 0;

  abstract readonly method: RpcMethod;

  /** One message; `bytes[start, end)` is valid only during the call. */
  abstract onMessage(bytes: Buffer, start: number, end: number): void;

  /** The last thing that happens; exactly once. */
  abstract onEnd(end: StreamEnd): void;

  /** Whether a message that is to come, of so many bytes, is refused, and with it the call. */
  protected isTooLong(bytes: number): boolean {
    return bytes > LONGEST_MESSAGE;
  }

  /** Where a message that comes in several frames is put together; default: in memory of its own, which grows with it. */
  protected memoryFor(_bytes: number): Buffer | undefined {
    return undefined;
  }

  /** Takes DATA payload. Returns what is wrong with it, if anything is. */
  receive(bytes: Buffer, start: number, end: number): string | undefined {
    let position = start;
    while (position < end && !this.isOver) {
      if (this.#partial === undefined && end - position >= GRPC_PREFIX) {
        const problem = this.#checkPrefix(bytes, position);
        if (problem !== undefined) return problem;
        const messageEnd = position + GRPC_PREFIX + bytes.readUInt32BE(position + 1);
        if (messageEnd <= end) {
          this.onMessage(bytes, position + GRPC_PREFIX, messageEnd);
          position = messageEnd;
          continue;
        }
      }
      const used = this.#collect(bytes, position, end);
      if (typeof used === 'string') return used;
      position += used;
    }
    return undefined;
  }

  /** True in the middle of a message. */
  get isCut(): boolean {
    return this.#partial !== undefined;
  }

  /** Adds to the message that several frames make up. Memory follows what has arrived, not what was announced. */
  #collect(bytes: Buffer, start: number, end: number): number | string {
    const partial = this.#partial ?? Buffer.allocUnsafe(64);
    this.#partial = partial;
    const missingPrefix = GRPC_PREFIX - this.#partialLength;
    if (missingPrefix > 0) {
      const count = Math.min(missingPrefix, end - start);
      bytes.copy(partial, this.#partialLength, start, start + count);
      this.#partialLength += count;
      if (count < missingPrefix) return count;
      const problem = this.#checkPrefix(partial, 0);
      if (problem !== undefined) return problem;
      const whole = GRPC_PREFIX + partial.readUInt32BE(1);
      const given = this.memoryFor(whole);
      if (given !== undefined) {
        if (given.length < whole) throw new RangeError(`${whole} bytes don't fit into ${given.length}`);
        partial.copy(given, 0, 0, GRPC_PREFIX);
        this.#partial = given;
      }
      this.#deliverIfWhole(this.#partial);
      return count;
    }
    const whole = GRPC_PREFIX + partial.readUInt32BE(1);
    const count = Math.min(whole - this.#partialLength, end - start);
    const target = this.#grow(partial, this.#partialLength + count, whole);
    bytes.copy(target, this.#partialLength, start, start + count);
    this.#partialLength += count;
    this.#deliverIfWhole(target);
    return count;
  }

  #grow(partial: Buffer, needed: number, whole: number): Buffer {
    if (needed <= partial.length) return partial;
    const larger = Buffer.allocUnsafeSlow(Math.min(whole, Math.max(needed, 32 * 1024, partial.length * 2)));
    partial.copy(larger, 0, 0, this.#partialLength);
    this.#partial = larger;
    return larger;
  }

  #checkPrefix(bytes: Buffer, position: number): string | undefined {
    if (bytes[position] !== 0) return 'a compressed message, which we did not ask for';
    const length = bytes.readUInt32BE(position + 1);
    return this.isTooLong(length) ? `a message of ${length} bytes` : undefined;
  }

  #deliverIfWhole(partial: Buffer): void {
    const whole = GRPC_PREFIX + partial.readUInt32BE(1);
    if (this.#partialLength < whole) return;
    this.#partial = undefined;
    this.#partialLength = 0;
    this.onMessage(partial, GRPC_PREFIX, whole);
  }
}

/** The status that a stream's end amounts to, in gRPC's terms. */
export function statusOfEnd(end: StreamEnd): number {
  switch (end.kind) {
    case 'status':
      return end.code;
    case 'unprocessed':
    case 'lost':
      return GrpcStatus.unavailable;
    case 'reset':
      return GrpcStatus.internal;
    default:
      return end satisfies never;
  }
}
