import { ErrorCode, Flag, Http2Error } from './frame.ts';

/** A header block over several frames may be so long, in bytes as they come. */
const LONGEST_BLOCK = 64 * 1024;

/** Puts a header block together that goes over HEADERS and CONTINUATION frames. */
export class HeaderAssembler {
  readonly streamId: number;
  readonly endsStream: boolean;
  readonly #parts: Buffer[] = [];
  #length = 0;

  constructor(streamId: number, endsStream: boolean) {
    this.streamId = streamId;
    this.endsStream = endsStream;
  }

  /** Adds a fragment; returns the whole block when it was the last. */
  add(flags: number, bytes: Buffer, start: number, end: number): Buffer | undefined {
    this.#length += end - start;
    // The count is limited too: empty CONTINUATION frames cost the sender nothing.
    if (this.#length > LONGEST_BLOCK || this.#parts.length > 64)
      throw new Http2Error(ErrorCode.enhanceYourCalm, 'a header block without end');
    this.#parts.push(Buffer.from(bytes.subarray(start, end)));
    return (flags & Flag.endHeaders) === 0 ? undefined : Buffer.concat(this.#parts);
  }
}
