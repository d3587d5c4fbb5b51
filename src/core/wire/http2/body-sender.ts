import type { CallStream } from './call-stream.ts';
import { DEFAULT_WINDOW, Flag, FRAME_HEADER, FRAME_LIMIT, FrameType, writeFrameHeader } from './frame.ts';
import type { FrameOutput } from './frame-output.ts';

/** Sends the bodies of calls as far as the peer's windows allow; the rest waits for WINDOW_UPDATE. */
export class BodySender {
  /** How many more bytes of DATA the peer takes on the connection. */
  window = DEFAULT_WINDOW;
  readonly #output: FrameOutput;
  /** In the order in which the windows stopped them. */
  #blocked: CallStream[] | undefined;

  constructor(output: FrameOutput) {
    this.#output = output;
  }

  get hasBlocked(): boolean {
    return this.#blocked !== undefined;
  }

  send(stream: CallStream): void {
    const body = stream.outgoing;
    if (body === undefined) return;
    const output = this.#output;
    while (stream.outgoingOffset < body.length) {
      const left = body.length - stream.outgoingOffset;
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

  /** A window has grown. */
  sendBlocked(): void {
    const blocked = this.#blocked;
    if (blocked === undefined) return;
    this.#blocked = undefined;
    for (const stream of blocked) if (!stream.isOver) this.send(stream);
  }

  clear(): void {
    this.#blocked = undefined;
  }
}
