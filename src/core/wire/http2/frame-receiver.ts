import { HpackError } from '../hpack/index.ts';
import type { WireLoop } from '../loop/index.ts';
import type { ConnectionLife } from './connection-life.ts';
import { writeSettingsAck } from './control-frames.ts';
import { FloodGuard } from './flood-guard.ts';
import {
  ErrorCode,
  Flag,
  FRAME_LIMIT,
  FrameType,
  Http2Error,
  LARGEST_WINDOW,
  readUint31,
  readUint32,
  Setting,
} from './frame.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import type { RequestSender } from './request-sender.ts';
import { ResponseReceiver } from './response-receiver.ts';

/** The receiving half of a connection: checks frames, obeys those about the connection, and hands on those of calls. */
export class FrameReceiver implements FrameSink {
  readonly #loop: WireLoop;
  readonly #life: ConnectionLife;
  readonly #sender: RequestSender;
  readonly #reader = new FrameReader();
  readonly #guard: FloodGuard;
  readonly #responses: ResponseReceiver;

  constructor(loop: WireLoop, life: ConnectionLife, sender: RequestSender) {
    this.#loop = loop;
    this.#life = life;
    this.#sender = sender;
    this.#guard = new FloodGuard(life.peer, sender.output);
    this.#responses = new ResponseReceiver(life.calls, life.peer, this.#guard, loop.emptyHpackTable);
  }

  /**
   * Handles the `count` bytes that are in the loop's read region now. What they say wrong ends the connection; what a
   * caller's handler throws does too, and is thrown on.
   */
  onRead(count: number): void {
    if (this.#life.isClosed) return;
    const { output } = this.#sender;
    this.#life.peer.lastReadAt = performance.now();
    output.cork();
    try {
      this.#reader.read(this.#loop, count, this);
      this.#responses.endRead();
    } catch (error) {
      output.uncork();
      const isPeerFault = error instanceof Http2Error || error instanceof HpackError;
      const cause = error instanceof HpackError ? new Http2Error(ErrorCode.compressionError, error.message) : error;
      this.#life.close(
        isPeerFault ? `the server does not speak HTTP/2 as it should: ${error.message}` : String(error),
        cause,
      );
      // A fault of a caller's handler is the caller's: it must not vanish here.
      if (!isPeerFault) throw error;
    }
    output.uncork();
    output.flush();
  }

  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (this.#life.isClosed) return;
    if (this.#life.isInHandshake && (type !== FrameType.settings || (flags & Flag.ack) !== 0))
      throw new Http2Error(ErrorCode.protocolError, 'it does not begin with SETTINGS');
    if (this.#responses.isInBlock && type !== FrameType.continuation)
      throw new Http2Error(ErrorCode.protocolError, 'a header block is interrupted');
    switch (type) {
      case FrameType.data:
        this.#responses.onData(flags, streamId, bytes, start, end);
        break;
      case FrameType.headers:
        this.#responses.onHeaders(flags, streamId, bytes, start, end);
        break;
      case FrameType.continuation:
        this.#responses.onContinuation(flags, streamId, bytes, start, end);
        break;
      case FrameType.rstStream:
        expectLength(end - start === 4 && streamId !== 0, 'RST_STREAM');
        this.#responses.onReset(streamId, readUint32(bytes, start));
        break;
      case FrameType.windowUpdate:
        expectLength(end - start === 4, 'WINDOW_UPDATE');
        this.#onWindowUpdate(streamId, readUint31(bytes, start));
        break;
      case FrameType.ping:
        expectLength(end - start === 8 && streamId === 0, 'PING');
        if ((flags & Flag.ack) !== 0) break;
        this.#guard.onIdle();
        this.#life.pings.take(bytes, start);
        break;
      case FrameType.settings:
        this.#onSettings(flags, streamId, bytes, start, end);
        break;
      case FrameType.goaway:
        expectLength(end - start >= 8 && streamId === 0, 'GOAWAY');
        this.#onGoaway(
          readUint31(bytes, start),
          readUint32(bytes, start + 4),
          bytes.toString('latin1', start + 8, end),
        );
        break;
      case FrameType.pushPromise:
        throw new Http2Error(ErrorCode.protocolError, 'a push, which we forbade');
      default:
        // PRIORITY, and what HTTP/2 may get some day, have no meaning for us.
        this.#guard.onIdle();
    }
  }

  #onWindowUpdate(streamId: number, increment: number): void {
    if (increment === 0) throw new Http2Error(ErrorCode.protocolError, 'a WINDOW_UPDATE of 0');
    if (!this.#sender.hasBlocked) this.#guard.onIdle();
    if (streamId === 0) this.#sender.widen(increment);
    else {
      const { calls } = this.#life;
      const stream = calls.get(streamId);
      if (stream === undefined) return;
      stream.sendWindow += increment;
      if (stream.sendWindow > LARGEST_WINDOW) {
        calls.abandon(stream, 'a window is too large');
        return;
      }
    }
    this.#sender.sendBlocked();
  }

  #onSettings(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const isAck = (flags & Flag.ack) !== 0;
    expectLength(streamId === 0 && (end - start) % 6 === 0 && (!isAck || end === start), 'SETTINGS');
    this.#guard.onIdle();
    if (isAck) return;
    for (let position = start; position < end; position += 6)
      this.#applySetting(bytes.readUInt16BE(position), readUint32(bytes, position + 2));
    writeSettingsAck(this.#sender.output);
    if (this.#life.isInHandshake) this.#life.becomeReady();
    else {
      this.#sender.sendBlocked();
      this.#life.calls.startWaiting();
    }
  }

  #applySetting(setting: number, value: number): void {
    switch (setting) {
      case Setting.headerTableSize:
        this.#sender.resizeTable(value, this.#life.isInHandshake);
        break;
      case Setting.maxConcurrentStreams:
        this.#life.calls.maxCount = Math.min(value, LARGEST_WINDOW);
        break;
      case Setting.initialWindowSize:
        this.#life.calls.resizeWindows(value);
        break;
      case Setting.maxFrameSize:
        if (value < FRAME_LIMIT || value > 0xffffff) throw new Http2Error(ErrorCode.protocolError, 'a bad frame size');
        break;
    }
  }

  #onGoaway(lastId: number, code: number, debug: string): void {
    this.#guard.onIdle();
    const why = `the server said GOAWAY${code === 0 ? '' : ` (HTTP/2 error ${code}${debug && `, ${debug}`})`}`;
    this.#life.drain(why);
    this.#life.calls.refuseAbove(lastId, why, this.#life.peer.lastReadAt);
  }
}

function expectLength(isRight: boolean, frame: string): void {
  if (!isRight) throw new Http2Error(ErrorCode.frameSizeError, `a malformed ${frame}`);
}
