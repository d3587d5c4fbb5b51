import type { DecodedBlock, HpackTable } from '../hpack/index.ts';
import type { CallStream } from './call-stream.ts';
import { writeNumberFrame } from './control-frames.ts';
import type { FloodGuard } from './flood-guard.ts';
import { ErrorCode, Flag, FrameType, Http2Error } from './frame.ts';
import { HeaderAssembler } from './header-assembler.ts';
import type { OpenCalls } from './open-calls.ts';
import type { PeerWatch } from './peer-watch.ts';
import { endOfTrailers, problemOfHeaders } from './response-status.ts';

/** Windows are topped up after so many bytes. */
const TOP_UP_BYTES = 0x40000000;

/** The frames of responses: HEADERS, DATA, trailers and resets, each given to the call that it belongs to. */
export class ResponseReceiver {
  readonly #calls: OpenCalls;
  readonly #peer: PeerWatch;
  readonly #guard: FloodGuard;
  #table: HpackTable;
  #assembler: HeaderAssembler | undefined;
  /** Since the connection's window was last topped up. */
  #receivedBytes = 0;

  constructor(calls: OpenCalls, peer: PeerWatch, guard: FloodGuard, table: HpackTable) {
    this.#calls = calls;
    this.#peer = peer;
    this.#guard = guard;
    this.#table = table;
  }

  /** A header block has begun: only CONTINUATION may follow. */
  get isInBlock(): boolean {
    return this.#assembler !== undefined;
  }

  /** All frames of one read are handled. */
  endRead(): void {
    if (this.#receivedBytes > TOP_UP_BYTES) {
      writeNumberFrame(this.#calls.sender.output, FrameType.windowUpdate, 0, this.#receivedBytes);
      this.#receivedBytes = 0;
    }
    this.#calls.templates?.endBatch(this.#peer.lastReadAt);
  }

  onData(flags: number, streamId: number, bytes: Buffer, frameStart: number, frameEnd: number): void {
    this.#receivedBytes += frameEnd - frameStart;
    this.#calls.expectOurs(streamId);
    let start = frameStart;
    let end = frameEnd;
    if ((flags & Flag.padded) !== 0) {
      const padding = bytes[start] ?? 0;
      start += 1;
      end -= padding;
      if (frameEnd === frameStart || end < start) throw new Http2Error(ErrorCode.protocolError, 'too much padding');
    }
    if (end === start && (flags & Flag.endStream) === 0) this.#guard.onIdle();
    else this.#guard.onUseful();
    if (this.#calls.templates?.takeData(streamId, flags, bytes, start, end, this.#peer.lastReadAt) === true) return;
    const stream = this.#calls.get(streamId);
    // Of a call that we cancelled: it was on its way.
    if (stream === undefined) return;
    if (!stream.hasHeaders) {
      this.#calls.abandon(stream, 'data before headers');
      return;
    }
    stream.receivedBytes += frameEnd - frameStart;
    const problem = stream.receive(bytes, start, end);
    if (stream.isOver) return;
    if (problem !== undefined) this.#calls.abandon(stream, problem);
    else if ((flags & Flag.endStream) !== 0) this.#calls.abandon(stream, 'the response ends without a status');
    else if (stream.receivedBytes > TOP_UP_BYTES) {
      writeNumberFrame(this.#calls.sender.output, FrameType.windowUpdate, streamId, stream.receivedBytes);
      stream.receivedBytes = 0;
    }
  }

  onHeaders(flags: number, streamId: number, bytes: Buffer, frameStart: number, frameEnd: number): void {
    this.#calls.expectOurs(streamId);
    this.#guard.onUseful();
    let start = frameStart;
    let end = frameEnd;
    if ((flags & Flag.padded) !== 0) {
      end -= bytes[start] ?? 0;
      start += 1;
    }
    if ((flags & Flag.priority) !== 0) start += 5;
    if (end < start || start > frameEnd) throw new Http2Error(ErrorCode.protocolError, 'too much padding');
    const endsStream = (flags & Flag.endStream) !== 0;
    if ((flags & Flag.endHeaders) === 0) {
      this.#assembler = new HeaderAssembler(streamId, endsStream);
      this.#assembler.add(flags, bytes, start, end);
    } else this.#onBlock(streamId, endsStream, bytes, start, end);
  }

  onContinuation(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const assembler = this.#assembler;
    if (assembler === undefined || assembler.streamId !== streamId)
      throw new Http2Error(ErrorCode.protocolError, 'a CONTINUATION of nothing');
    const block = assembler.add(flags, bytes, start, end);
    if (block === undefined) return;
    this.#assembler = undefined;
    this.#onBlock(streamId, assembler.endsStream, block, 0, block.length);
  }

  onReset(streamId: number, code: number): void {
    this.#calls.expectOurs(streamId);
    this.#guard.onIdle();
    const message = `the server reset the call (HTTP/2 error ${code})`;
    if (this.#calls.templates?.takeReset(streamId, code, message, this.#peer.lastReadAt) === true) return;
    const stream = this.#calls.get(streamId);
    // It can follow the trailers.
    if (stream === undefined) return;
    this.#calls.end(stream, { kind: code === ErrorCode.refusedStream ? 'unprocessed' : 'reset', message });
  }

  /** Every block is decoded, also of calls that are over: the table must stay in step with the server's. */
  #onBlock(streamId: number, endsStream: boolean, bytes: Buffer, start: number, end: number): void {
    const block = this.#table.decode(bytes, start, end);
    this.#table = block.after;
    if (this.#calls.templates?.takeHeaders(streamId, endsStream, block, this.#peer.lastReadAt) === true) return;
    const stream = this.#calls.get(streamId);
    if (stream === undefined) return;
    if (endsStream) this.#onTrailers(stream, block);
    else if (block.httpStatus < 100 || block.httpStatus > 199) {
      stream.hasHeaders = true;
      const problem = problemOfHeaders(block);
      if (problem !== undefined) this.#calls.abandon(stream, problem);
    }
  }

  #onTrailers(stream: CallStream, block: DecodedBlock): void {
    const end = endOfTrailers(block);
    if (stream.isCut && end.code === 0) {
      this.#calls.abandon(stream, 'the response ends within a message');
      return;
    }
    // The server needs no more of the request; it waits for its end, though.
    if (!stream.isSendDone) this.#calls.sender.reset(stream.id, ErrorCode.noError);
    this.#calls.end(stream, end);
  }
}
