import type { RequestHeaders, RequestIdentity } from '../hpack/index.ts';
import type { WireLoop } from '../loop/index.ts';
import { type CallStream, GRPC_PREFIX } from './call-stream.ts';
import { writeNumberFrame } from './control-frames.ts';
import {
  DEFAULT_WINDOW,
  ErrorCode,
  Flag,
  FRAME_HEADER,
  FRAME_LIMIT,
  FrameType,
  Http2Error,
  LARGEST_WINDOW,
  writeFrameHeader,
  writeUint32,
} from './frame.ts';
import type { FrameOutput } from './frame-output.ts';

const DEFAULT_TABLE = 4096;

/** Adds to what waits already: room doubles, so that a hundred thousand small messages are not copied for each. */
function append(stream: CallStream, waiting: Buffer, frame: Buffer): void {
  const { outgoingOffset: from, outgoingEnd: to } = stream;
  const needed = to - from + frame.length;
  let target = waiting;
  if (to + frame.length > waiting.length) {
    // Never into the buffer of a caller, which is as long as its message.
    target = Buffer.allocUnsafeSlow(Math.max(needed * 2, 1024));
    waiting.copy(target, 0, from, to);
    stream.outgoingOffset = 0;
    stream.outgoingEnd = to - from;
    stream.outgoing = target;
  }
  frame.copy(target, stream.outgoingEnd);
  stream.outgoingEnd += frame.length;
}

/**
 * The sending half of a connection: header blocks in step with the peer's table, and bodies as far as the peer's windows
 * allow; the rest waits for WINDOW_UPDATE.
 */
export class RequestSender {
  readonly output: FrameOutput;
  /** How many more bytes of DATA the peer takes on the connection. */
  window = DEFAULT_WINDOW;
  /** What a new stream may send. */
  initialStreamWindow = DEFAULT_WINDOW;
  /** Of the next request. */
  headers: RequestHeaders;
  readonly #loop: WireLoop;
  readonly #identity: RequestIdentity;
  /** In the order in which the windows stopped them. */
  #blocked: CallStream[] | undefined;

  constructor(output: FrameOutput, loop: WireLoop, identity: RequestIdentity) {
    this.output = output;
    this.#loop = loop;
    this.#identity = identity;
    this.headers = loop.requestHeaders(identity, DEFAULT_TABLE);
  }

  /** From now on requests carry this auth token. */
  setToken(token: string): void {
    this.headers = this.headers.withToken(token);
  }

  /** The peer says how large its table is. `isFirst`: no request was sent before. */
  resizeTable(peerTableSize: number, isFirst: boolean): void {
    this.headers = isFirst
      ? this.#loop.requestHeaders(this.#identity, peerTableSize)
      : this.headers.resized(peerTableSize);
  }

  /** Whether anything waits for a window. */
  get hasBlocked(): boolean {
    return this.#blocked !== undefined;
  }

  /** Sends the HEADERS of a stream that has its id, and its first message. */
  begin(stream: CallStream): void {
    const { output } = this;
    const { bytes, after } = this.headers.block(stream.method);
    this.headers = after;
    stream.sendWindow = this.initialStreamWindow;
    output.reserve(FRAME_HEADER + bytes.length);
    const start = writeFrameHeader(
      output.bytes,
      output.length,
      bytes.length,
      FrameType.headers,
      Flag.endHeaders,
      stream.id,
    );
    bytes.copy(output.bytes, start);
    output.length = start + bytes.length;
    this.#sendBody(stream);
    output.flushSoon();
  }

  /** Sends another message, now or when the stream begins. */
  send(stream: CallStream, frame: Buffer): void {
    if (stream.isOver) return;
    if (stream.outgoing === undefined) {
      stream.outgoing = frame;
      stream.outgoingOffset = 0;
      stream.outgoingEnd = frame.length;
    } else append(stream, stream.outgoing, frame);
    if (stream.id !== 0) this.#sendBody(stream);
    this.output.flushSoon();
  }

  /**
   * Begins another message that is short, if it can go right now.
   *
   * @param length of the message
   * @returns where in `output.bytes` the caller must write it at once; -1: use `send()`
   */
  place(stream: CallStream, length: number): number {
    const count = GRPC_PREFIX + length;
    if (stream.isOver || stream.id === 0 || stream.outgoing !== undefined) return -1;
    if (count > FRAME_LIMIT || count > this.window || count > stream.sendWindow) return -1;
    const { output } = this;
    output.reserve(FRAME_HEADER + count);
    const { bytes } = output;
    const start = writeFrameHeader(bytes, output.length, count, FrameType.data, 0, stream.id);
    bytes[start] = 0;
    writeUint32(bytes, start + 1, length);
    output.length = start + count;
    stream.sendWindow -= count;
    this.window -= count;
    output.flushSoon();
    return start + GRPC_PREFIX;
  }

  /** Tells the server to forget the stream. */
  reset(streamId: number, code: number): void {
    writeNumberFrame(this.output, FrameType.rstStream, streamId, code);
    this.output.flushSoon();
  }

  /** The connection's window has grown. Throws Http2Error when it is too large now. */
  widen(increment: number): void {
    this.window += increment;
    if (this.window > LARGEST_WINDOW) throw new Http2Error(ErrorCode.flowControlError, 'a window is too large');
  }

  /** A window has grown: whatever waited is tried again. */
  sendBlocked(): void {
    const blocked = this.#blocked;
    if (blocked === undefined) return;
    this.#blocked = undefined;
    for (const stream of blocked) if (!stream.isOver) this.#sendBody(stream);
  }

  /** The connection is over. */
  dropBlocked(): void {
    this.#blocked = undefined;
  }

  /** As far as the windows allow. */
  #sendBody(stream: CallStream): void {
    const body = stream.outgoing;
    if (body === undefined) return;
    const { output } = this;
    const end = stream.outgoingEnd;
    while (stream.outgoingOffset < end) {
      const left = end - stream.outgoingOffset;
      // Frames larger than what every peer takes would gain nothing, and hold up what comes after them.
      const count = Math.min(left, FRAME_LIMIT, this.window, stream.sendWindow);
      if (count <= 0) {
        this.#blocked ??= [];
        if (!this.#blocked.includes(stream)) this.#blocked.push(stream);
        return;
      }
      const isLast = count === left && stream.endsAfterOutgoing;
      output.reserve(FRAME_HEADER + count);
      const flags = isLast ? Flag.endStream : 0;
      const start = writeFrameHeader(output.bytes, output.length, count, FrameType.data, flags, stream.id);
      body.copy(output.bytes, start, stream.outgoingOffset, stream.outgoingOffset + count);
      output.length = start + count;
      stream.outgoingOffset += count;
      stream.sendWindow -= count;
      this.window -= count;
    }
    stream.outgoing = undefined;
    stream.outgoingOffset = 0;
    stream.isSendDone = stream.endsAfterOutgoing;
  }
}
