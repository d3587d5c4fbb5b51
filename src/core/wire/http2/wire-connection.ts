import type { Socket } from 'node:net';
import { type DecodedBlock, HpackError, type HpackTable, type RequestHeaders } from '../hpack/index.ts';
import type { TimerEntry, WireLoop } from '../loop/index.ts';
import { BodySender } from './body-sender.ts';
import type { CallStream, StreamEnd } from './call-stream.ts';
import { writeGoaway, writeNumberFrame, writePing, writePreface, writeSettingsAck } from './control-frames.ts';
import { type DialTarget, dialSocket } from './dial-socket.ts';
import { FloodGuard } from './flood-guard.ts';
import {
  DEFAULT_WINDOW,
  ErrorCode,
  Flag,
  FRAME_HEADER,
  FRAME_LIMIT,
  FrameType,
  Http2Error,
  LARGEST_WINDOW,
  readUint31,
  readUint32,
  Setting,
  writeFrameHeader,
} from './frame.ts';
import { FrameOutput } from './frame-output.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { HeaderAssembler } from './header-assembler.ts';
import { endOfTrailers, problemOfHeaders } from './response-status.ts';
import { TemplateCalls, type TemplateOwner } from './template-calls.ts';

export interface WireConnectionOptions {
  readonly loop: WireLoop;
  /** etcd's auth token, sent with every request. */
  readonly token?: string | undefined;
  /** Until TCP, TLS and HTTP/2 are up. */
  readonly dialTimeoutMs: number;
  /**
   * Silence after which a PING asks whether the peer is there, while calls are open. etcd ends connections that ask
   * more often than its --grpc-keepalive-min-time (5 s by default).
   */
  readonly keepaliveMs: number;
  /** How long the answer to that PING may take. */
  readonly keepaliveTimeoutMs: number;
  /** The first stream id; tests begin near the last. */
  readonly firstStreamId?: number | undefined;
}

export interface ConnectionListener {
  onReady(): void;
  /** No new calls: the server said GOAWAY, or stream ids ran out. Calls that are open go on. */
  onDraining(why: string): void;
  /** Over; every call has been told before. */
  onClosed(why: string, cause?: unknown): void;
}

type Phase = 'dialing' | 'handshake' | 'ready' | 'draining' | 'closed';

/** Windows are topped up after so many bytes. */
const TOP_UP_BYTES = 0x40000000;
const LAST_STREAM_ID = 0x7fffffff;

/**
 * One HTTP/2 connection that carries gRPC calls: frames are written to and read from the socket directly. Everything is
 * synchronous and callback-driven; nothing allocates per request on the template path. WireClient wraps it for callers
 * who want promises, several endpoints and reconnects.
 */
export class WireConnection implements FrameSink {
  readonly target: DialTarget;
  readonly loop: WireLoop;
  readonly output: FrameOutput;
  /** The template path's state, once it is used. */
  templates: TemplateCalls | undefined;
  /** Bodies under way, and the connection's send window. */
  readonly bodies: BodySender;
  /** What a new stream may send. */
  initialSendWindow = DEFAULT_WINDOW;
  maxStreams = LARGEST_WINDOW;
  openCount = 0;
  headers: RequestHeaders;
  /** When the last read came, by performance.now(). */
  lastReadAt: number;
  readonly #options: WireConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #streams = new Map<number, CallStream>();
  #phase: Phase = 'dialing';
  #table: HpackTable;
  #assembler: HeaderAssembler | undefined;
  #nextId: number;
  #receivedBytes = 0;
  #isReading = false;
  #isFlushScheduled = false;
  /** Calls that wait for the peer's stream limit. */
  #waiting: CallStream[] | undefined;
  #timer: TimerEntry | undefined;
  #pingSentAt = 0;
  readonly #guard = new FloodGuard();

  constructor(target: DialTarget, options: WireConnectionOptions, listener: ConnectionListener) {
    this.target = target;
    this.loop = options.loop;
    this.#options = options;
    this.#listener = listener;
    this.#table = options.loop.emptyHpackTable;
    this.#nextId = options.firstStreamId ?? 1;
    this.lastReadAt = performance.now();
    this.headers = this.#requestHeaders(4096);
    const onread = {
      buffer: options.loop.readRegion,
      callback: (count: number) => {
        this.#onRead(count);
        return true;
      },
    };
    this.#socket = dialSocket(target, onread, (problem) => this.#onOpen(problem));
    this.output = new FrameOutput(this.#socket, options.loop, target.tls !== undefined);
    this.bodies = new BodySender(this.output);
    this.#socket.on('error', (error) => this.#close(describeSocketError(error), error));
    this.#socket.on('close', () => this.#close('the server closed the connection'));
    this.#timer = options.loop.timers.schedule(options.dialTimeoutMs, () =>
      this.#close(`no HTTP/2 connection within ${options.dialTimeoutMs} ms`),
    );
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether a new call can be started. */
  get isUsable(): boolean {
    return this.#phase === 'ready';
  }

  /** The id that the next stream gets. */
  get nextStreamId(): number {
    return this.#nextId;
  }

  /** From now on requests carry this auth token. */
  setToken(token: string): void {
    this.headers = this.headers.withToken(token);
  }

  /** No new calls here; those that are open go on, then the connection ends. */
  retire(why: string): void {
    this.#drain(why);
    this.#afterStream();
  }

  /** Switches the template path on. */
  useTemplates(owner: TemplateOwner): TemplateCalls {
    this.templates ??= new TemplateCalls(this, owner);
    return this.templates;
  }

  /**
   * Starts a call.
   *
   * @param frame the first message, in its gRPC frame
   * @param isLast no other message follows
   */
  start(stream: CallStream, frame: Buffer, isLast: boolean): void {
    stream.outgoing = frame;
    stream.endsAfterOutgoing = isLast;
    if (!this.isUsable) {
      this.#finish(stream, { kind: 'unprocessed', message: 'the connection takes no calls' });
    } else if (this.openCount >= this.maxStreams) {
      this.#waiting ??= [];
      this.#waiting.push(stream);
    } else this.#open(stream);
  }

  /** Sends another message on an open call. */
  send(stream: CallStream, frame: Buffer): void {
    if (stream.isOver) return;
    if (stream.outgoing === undefined) stream.outgoing = frame;
    else stream.outgoing = Buffer.concat([stream.outgoing.subarray(stream.outgoingOffset), frame]);
    stream.outgoingOffset = 0;
    if (stream.id !== 0) this.bodies.send(stream);
    this.#flushSoon();
  }

  /** Ends a call that is still open: the server is told, the call is not. */
  cancel(stream: CallStream): void {
    if (stream.isOver) return;
    stream.isOver = true;
    this.#forget(stream);
    if (stream.id === 0 || this.#phase === 'closed') return;
    this.resetStream(stream.id, ErrorCode.cancel);
    this.#afterStream();
  }

  /** Ends the connection at once; open calls are told that it is lost. */
  close(why = 'closed by us'): void {
    this.#close(why);
  }

  /** Stops or resumes reading: the kernel's buffers fill and TCP slows the server down. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.lastReadAt = performance.now();
    this.#socket.resume();
  }

  flush(): void {
    this.#isFlushScheduled = false;
    this.output.flush();
  }

  /** Takes the next stream id; undefined when the connection has none left. */
  allocateId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    this.openCount += 1;
    if (this.#nextId > LAST_STREAM_ID && this.#phase === 'ready') this.#drain('stream ids ran out');
    if (this.#timer === undefined) this.#watchPeer();
    return id;
  }

  /** A stream of the template path is over. */
  releaseTemplateStream(): void {
    this.openCount -= 1;
    if (this.#phase === 'draining' || this.#waiting !== undefined) this.#afterStream();
  }

  resetStream(id: number, code: number): void {
    writeNumberFrame(this.output, FrameType.rstStream, id, code);
    this.#flushSoon();
  }

  // ---- sending

  #open(stream: CallStream): void {
    const { bytes, after } = this.headers.block(stream.method);
    this.headers = after;
    stream.id = this.allocateId();
    stream.sendWindow = this.initialSendWindow;
    this.#streams.set(stream.id, stream);
    this.output.reserve(FRAME_HEADER + bytes.length);
    const start = writeFrameHeader(
      this.output.bytes,
      this.output.length,
      bytes.length,
      FrameType.headers,
      Flag.endHeaders,
      stream.id,
    );
    bytes.copy(this.output.bytes, start);
    this.output.length = start + bytes.length;
    this.bodies.send(stream);
    this.#flushSoon();
  }

  #startWaiting(): void {
    while (this.#waiting !== undefined && this.isUsable && this.openCount < this.maxStreams) {
      const next = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#waiting = undefined;
      if (next !== undefined && !next.isOver) this.#open(next);
    }
  }

  #flushSoon(): void {
    if (this.#isReading || this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    this.loop.flushSoon(this);
  }

  #requestHeaders(peerTableSize: number): RequestHeaders {
    const { scheme, authority } = this.target;
    return this.loop.requestHeaders({ scheme, authority, token: this.#options.token }, peerTableSize);
  }

  // ---- life

  #onOpen(problem: string | undefined): void {
    if (problem !== undefined) {
      this.#close(problem);
      return;
    }
    if (this.#phase !== 'dialing') return;
    this.#phase = 'handshake';
    writePreface(this.output);
    this.flush();
  }

  #drain(why: string): void {
    if (this.#phase !== 'ready') return;
    this.#phase = 'draining';
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#listener.onDraining(why);
    for (const stream of waiting) this.#finish(stream, { kind: 'unprocessed', message: why });
  }

  /** A stream is gone: there may be room for another, or nothing left to wait for. */
  #afterStream(): void {
    this.#startWaiting();
    if (this.#phase === 'draining' && this.openCount === 0) this.#close('all calls of a drained connection are done');
  }

  #close(why: string, cause?: unknown): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    if (this.#timer !== undefined) this.loop.timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#goodbye(cause);
    const orphans = [...this.#streams.values(), ...(this.#waiting ?? [])];
    this.#streams.clear();
    this.#waiting = undefined;
    this.bodies.clear();
    for (const stream of orphans) {
      // Without END_STREAM the server cannot have carried out a call with one request.
      const end: StreamEnd =
        stream.id === 0 || (stream.endsAfterOutgoing && !stream.isSendDone)
          ? { kind: 'unprocessed', message: why }
          : { kind: 'lost', message: why, cause };
      this.#finish(stream, end);
    }
    this.templates?.loseAll();
    this.#listener.onClosed(why, cause);
  }

  #goodbye(cause: unknown): void {
    if (this.#socket.destroyed || this.#socket.connecting) {
      this.output.release();
      this.#socket.destroy();
      return;
    }
    const code = cause instanceof Http2Error ? cause.code : ErrorCode.noError;
    writeGoaway(this.output, code);
    this.output.flush();
    this.output.release();
    // What a dead peer never takes must not hold the socket.
    if (this.#socket.writableLength > 0) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  /** PING after silence; the end if nothing answers. Only while calls are open: etcd forbids it otherwise. */
  #watchPeer(): void {
    const { keepaliveMs, keepaliveTimeoutMs } = this.#options;
    const now = performance.now();
    const silentMs = now - Math.max(this.lastReadAt, this.#pingSentAt);
    this.#timer = undefined;
    if (this.openCount === 0 || this.#phase === 'closed') return;
    if (this.#pingSentAt > this.lastReadAt && silentMs >= keepaliveTimeoutMs && !this.#socket.isPaused()) {
      this.#close(`no answer to a PING within ${keepaliveTimeoutMs} ms`);
      return;
    }
    let waitMs = keepaliveMs - silentMs;
    if (this.#pingSentAt > this.lastReadAt) waitMs = keepaliveTimeoutMs - silentMs;
    else if (waitMs <= 0) {
      this.#pingSentAt = now;
      writePing(this.output);
      this.flush();
      waitMs = keepaliveTimeoutMs;
    }
    this.#timer = this.loop.timers.schedule(Math.max(waitMs, 1), () => this.#watchPeer());
  }

  // ---- receiving

  #onRead(count: number): void {
    if (this.#phase === 'closed') return;
    this.lastReadAt = performance.now();
    this.#isReading = true;
    try {
      this.#reader.read(this.loop, count, this);
      if (this.#receivedBytes > TOP_UP_BYTES) {
        writeNumberFrame(this.output, FrameType.windowUpdate, 0, this.#receivedBytes);
        this.#receivedBytes = 0;
      }
      this.templates?.endBatch(this.lastReadAt);
    } catch (error) {
      this.#isReading = false;
      const isPeerFault = error instanceof Http2Error || error instanceof HpackError;
      const cause = error instanceof HpackError ? new Http2Error(ErrorCode.compressionError, error.message) : error;
      this.#close(
        isPeerFault ? `the server does not speak HTTP/2 as it should: ${error.message}` : String(error),
        cause,
      );
      // A fault of a caller's handler is the caller's: it must not vanish here.
      if (!isPeerFault) throw error;
    }
    this.#isReading = false;
    this.output.flush();
  }

  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (this.#phase === 'closed') return;
    if (this.#phase === 'handshake' && (type !== FrameType.settings || (flags & Flag.ack) !== 0))
      throw new Http2Error(ErrorCode.protocolError, 'it does not begin with SETTINGS');
    if (this.#assembler !== undefined && type !== FrameType.continuation)
      throw new Http2Error(ErrorCode.protocolError, 'a header block is interrupted');
    switch (type) {
      case FrameType.data:
        this.#onData(flags, streamId, bytes, start, end);
        break;
      case FrameType.headers:
        this.#onHeaders(flags, streamId, bytes, start, end);
        break;
      case FrameType.continuation:
        this.#onContinuation(flags, streamId, bytes, start, end);
        break;
      case FrameType.windowUpdate:
        this.#onWindowUpdate(streamId, bytes, start, end);
        break;
      case FrameType.ping:
        expectLength(end - start === 8 && streamId === 0, 'PING');
        if ((flags & Flag.ack) !== 0) break;
        this.#countIdleFrame();
        writePing(this.output, bytes.subarray(start, end));
        break;
      case FrameType.settings:
        this.#onSettings(flags, streamId, bytes, start, end);
        break;
      case FrameType.rstStream:
        expectLength(end - start === 4 && streamId !== 0, 'RST_STREAM');
        this.#onReset(streamId, readUint32(bytes, start));
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
        this.#countIdleFrame();
    }
  }

  #onData(flags: number, streamId: number, bytes: Buffer, frameStart: number, frameEnd: number): void {
    this.#receivedBytes += frameEnd - frameStart;
    this.#expectOurs(streamId);
    let start = frameStart;
    let end = frameEnd;
    if ((flags & Flag.padded) !== 0) {
      const padding = bytes[start] ?? 0;
      start += 1;
      end -= padding;
      if (frameEnd === frameStart || end < start) throw new Http2Error(ErrorCode.protocolError, 'too much padding');
    }
    if (end === start && (flags & Flag.endStream) === 0) this.#countIdleFrame();
    else this.#guard.onUseful();
    if (this.templates?.takeData(streamId, flags, bytes, start, end, this.lastReadAt) === true) return;
    const stream = this.#streams.get(streamId);
    // Of a call that we cancelled: it was on its way.
    if (stream === undefined) return;
    if (!stream.hasHeaders) {
      this.#abandon(stream, 'data before headers');
      return;
    }
    stream.receivedBytes += frameEnd - frameStart;
    const problem = stream.receive(bytes, start, end);
    if (stream.isOver) return;
    if (problem !== undefined) {
      this.#abandon(stream, problem);
      return;
    }
    if ((flags & Flag.endStream) !== 0) {
      this.#abandon(stream, 'the response ends without a status');
      return;
    }
    if (stream.receivedBytes > TOP_UP_BYTES) {
      writeNumberFrame(this.output, FrameType.windowUpdate, streamId, stream.receivedBytes);
      stream.receivedBytes = 0;
    }
  }

  #onHeaders(flags: number, streamId: number, bytes: Buffer, frameStart: number, frameEnd: number): void {
    this.#expectOurs(streamId);
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
    } else this.#onHeaderBlock(streamId, endsStream, bytes, start, end);
  }

  #onContinuation(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const assembler = this.#assembler;
    if (assembler === undefined || assembler.streamId !== streamId)
      throw new Http2Error(ErrorCode.protocolError, 'a CONTINUATION of nothing');
    const block = assembler.add(flags, bytes, start, end);
    if (block === undefined) return;
    this.#assembler = undefined;
    this.#onHeaderBlock(streamId, assembler.endsStream, block, 0, block.length);
  }

  /** Every block is decoded, also of calls that are over: the table must stay in step with the server's. */
  #onHeaderBlock(streamId: number, endsStream: boolean, bytes: Buffer, start: number, end: number): void {
    const block = this.#table.decode(bytes, start, end);
    this.#table = block.after;
    if (this.templates?.takeHeaders(streamId, endsStream, block, this.lastReadAt) === true) return;
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    if (endsStream) this.#onTrailers(stream, block);
    else if (block.httpStatus < 100 || block.httpStatus > 199) {
      stream.hasHeaders = true;
      const problem = problemOfHeaders(block);
      if (problem !== undefined) this.#abandon(stream, problem);
    }
  }

  #onTrailers(stream: CallStream, block: DecodedBlock): void {
    const end = endOfTrailers(block);
    if (stream.isCut && end.code === 0) {
      this.#abandon(stream, 'the response ends within a message');
      return;
    }
    // The server needs no more of the request; it waits for its end, though.
    if (!stream.isSendDone) this.resetStream(stream.id, ErrorCode.noError);
    this.#finish(stream, end);
    this.#afterStream();
  }

  #onWindowUpdate(streamId: number, bytes: Buffer, start: number, end: number): void {
    expectLength(end - start === 4, 'WINDOW_UPDATE');
    const increment = readUint31(bytes, start);
    if (increment === 0) throw new Http2Error(ErrorCode.protocolError, 'a WINDOW_UPDATE of 0');
    if (!this.bodies.hasBlocked) this.#countIdleFrame();
    if (streamId === 0) {
      this.bodies.window += increment;
      if (this.bodies.window > LARGEST_WINDOW)
        throw new Http2Error(ErrorCode.flowControlError, 'a window is too large');
    } else {
      const stream = this.#streams.get(streamId);
      if (stream === undefined) return;
      stream.sendWindow += increment;
      if (stream.sendWindow > LARGEST_WINDOW) {
        this.#abandon(stream, 'a window is too large');
        return;
      }
    }
    this.bodies.sendBlocked();
  }

  #onSettings(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const isAck = (flags & Flag.ack) !== 0;
    expectLength(streamId === 0 && (end - start) % 6 === 0 && (!isAck || end === start), 'SETTINGS');
    this.#countIdleFrame();
    if (isAck) return;
    for (let position = start; position < end; position += 6)
      this.#applySetting(bytes.readUInt16BE(position), readUint32(bytes, position + 2));
    writeSettingsAck(this.output);
    if (this.#phase === 'handshake') {
      this.#phase = 'ready';
      if (this.#timer !== undefined) this.loop.timers.cancel(this.#timer);
      this.#timer = undefined;
      this.#listener.onReady();
    } else {
      this.bodies.sendBlocked();
      this.#startWaiting();
    }
  }

  #applySetting(setting: number, value: number): void {
    switch (setting) {
      case Setting.headerTableSize:
        this.headers = this.#phase === 'handshake' ? this.#requestHeaders(value) : this.headers.resized(value);
        break;
      case Setting.maxConcurrentStreams:
        this.maxStreams = Math.min(value, LARGEST_WINDOW);
        break;
      case Setting.initialWindowSize: {
        if (value > LARGEST_WINDOW) throw new Http2Error(ErrorCode.flowControlError, 'a window is too large');
        const change = value - this.initialSendWindow;
        this.initialSendWindow = value;
        for (const stream of this.#streams.values()) stream.sendWindow += change;
        break;
      }
      case Setting.maxFrameSize:
        if (value < FRAME_LIMIT || value > 0xffffff) throw new Http2Error(ErrorCode.protocolError, 'a bad frame size');
        break;
    }
  }

  #onReset(streamId: number, code: number): void {
    this.#expectOurs(streamId);
    this.#countIdleFrame();
    const isRefused = code === ErrorCode.refusedStream;
    if (this.templates?.takeReset(streamId, isRefused, this.lastReadAt) === true) return;
    const stream = this.#streams.get(streamId);
    // It can follow the trailers.
    if (stream === undefined) return;
    const message = `the server reset the call (HTTP/2 error ${code})`;
    this.#finish(stream, { kind: isRefused ? 'unprocessed' : 'reset', message });
    this.#afterStream();
  }

  #onGoaway(lastId: number, code: number, debug: string): void {
    this.#countIdleFrame();
    const why = `the server said GOAWAY${code === 0 ? '' : ` (HTTP/2 error ${code}${debug && `, ${debug}`})`}`;
    this.#drain(why);
    for (const stream of [...this.#streams.values()])
      if (stream.id > lastId) this.#finish(stream, { kind: 'unprocessed', message: why });
    this.templates?.refuseAbove(lastId, this.lastReadAt);
    this.#afterStream();
  }

  #expectOurs(streamId: number): void {
    if ((streamId & 1) === 0 || streamId >= this.#nextId)
      throw new Http2Error(ErrorCode.protocolError, `stream ${streamId} is not one of ours`);
  }

  #countIdleFrame(): void {
    this.#guard.onIdle(this.lastReadAt, this.output.pending);
  }

  /** The stream makes no sense any more: reset it and tell the call. */
  #abandon(stream: CallStream, problem: string | StreamEnd): void {
    this.resetStream(stream.id, ErrorCode.cancel);
    this.#finish(stream, typeof problem === 'string' ? { kind: 'reset', message: problem } : problem);
    this.#afterStream();
  }

  #finish(stream: CallStream, end: StreamEnd): void {
    if (stream.isOver) return;
    stream.isOver = true;
    this.#forget(stream);
    stream.onEnd(end);
  }

  #forget(stream: CallStream): void {
    stream.outgoing = undefined;
    if (this.#streams.delete(stream.id)) this.openCount -= 1;
    else if (this.#waiting !== undefined) this.#waiting = this.#waiting.filter((other) => other !== stream);
  }
}

function expectLength(isRight: boolean, frame: string): void {
  if (!isRight) throw new Http2Error(ErrorCode.frameSizeError, `a malformed ${frame}`);
}

function describeSocketError(error: Error & { code?: string }): string {
  return error.code === undefined || error.message.includes(error.code)
    ? error.message
    : `${error.message} (${error.code})`;
}
