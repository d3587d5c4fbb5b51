import { READ_MARGIN, type WireLoop } from '../loop/index.ts';
import { ErrorCode, FRAME_HEADER, FRAME_LIMIT, Http2Error, readUint31 } from './frame.ts';

export interface FrameSink {
  /** One whole frame; its payload is `bytes[start, end)`, valid only during the call. */
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void;
}

/**
 * Cuts what arrives in the loop's shared read buffer into frames. Only a frame that a read ended in the middle of is
 * kept, in a buffer of just its size.
 */
export class FrameReader {
  #cut: Buffer | undefined;

  /** Handles the `count` bytes that are in the read region now. Throws Http2Error for a frame that is too long. */
  read(loop: WireLoop, count: number, sink: FrameSink): void {
    const bytes = loop.readBuffer;
    const end = READ_MARGIN + count;
    let position = READ_MARGIN;
    if (this.#cut !== undefined) {
      position -= this.#cut.length;
      this.#cut.copy(bytes, position);
      this.#cut = undefined;
    }
    while (end - position >= FRAME_HEADER) {
      const length = (bytes[position]! << 16) | (bytes[position + 1]! << 8) | bytes[position + 2]!;
      if (length > FRAME_LIMIT) throw new Http2Error(ErrorCode.frameSizeError, `a frame of ${length} bytes`);
      const start = position + FRAME_HEADER;
      if (start + length > end) break;
      const type = bytes[position + 3]!;
      const flags = bytes[position + 4]!;
      const streamId = readUint31(bytes, position + 5);
      position = start + length;
      sink.onFrame(type, flags, streamId, bytes, start, position);
    }
    if (position < end) {
      this.#cut = Buffer.allocUnsafeSlow(end - position);
      bytes.copy(this.#cut, 0, position, end);
    }
  }
}
