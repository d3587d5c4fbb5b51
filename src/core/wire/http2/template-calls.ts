import { GrpcStatus } from '../grpc-status.ts';
import type { DecodedBlock, RequestHeaders, RpcMethod } from '../hpack/index.ts';
import { CallStream, type StreamEnd, statusOfEnd } from './call-stream.ts';
import { ErrorCode, Flag, FRAME_HEADER, FRAME_LIMIT, FrameType, writeFrameHeader, writeUint32 } from './frame.ts';
import type { WireConnection } from './wire-connection.ts';

/** Who is told about template calls. All calls are synchronous, within the read that brought the answer. */
export interface TemplateOwner {
  /**
   * A call ended.
   *
   * @param startedAt what `send()` was given
   * @param now performance.now() of the read
   * @param outcome `unprocessed`: certainly not carried out; `lost`: nobody knows; else the server's answer
   */
  onDone(startedAt: number, now: number, grpcStatus: number, outcome: 'answered' | 'unprocessed' | 'lost'): void;
  /** The response message, `bytes[start, end)`, valid only during the call. */
  onMessage?(bytes: Buffer, start: number, end: number): void;
  /** All of one read is handled. What is sent now goes out in one write. */
  onBatch(now: number): void;
}

/** A request that is sent very often, with a few bytes that vary. */
export class RequestTemplate {
  readonly method: RpcMethod;
  /** The request in its gRPC frame. */
  readonly frame: Buffer;
  /** Where in `frame` the varying bytes begin. */
  readonly patchOffset: number;
  readonly #compiled = new Map<RequestHeaders, CompiledRequest>();

  constructor(method: RpcMethod, frame: Buffer, patchOffset: number) {
    this.method = method;
    this.frame = frame;
    this.patchOffset = patchOffset;
  }

  /** HEADERS and DATA with a stream id of 0; undefined while the peer's table still lacks the headers. */
  compile(headers: RequestHeaders): CompiledRequest | undefined {
    const known = this.#compiled.get(headers);
    if (known !== undefined) return known;
    const block = headers.block(this.method);
    if (block.after !== headers) return undefined;
    const dataAt = FRAME_HEADER + block.bytes.length;
    const bytes = Buffer.alloc(dataAt + FRAME_HEADER + this.frame.length);
    writeFrameHeader(bytes, 0, block.bytes.length, FrameType.headers, Flag.endHeaders, 0);
    block.bytes.copy(bytes, FRAME_HEADER);
    writeFrameHeader(bytes, dataAt, this.frame.length, FrameType.data, Flag.endStream, 0);
    this.frame.copy(bytes, dataAt + FRAME_HEADER);
    const compiled = { headers, bytes, dataAt, patchAt: dataAt + FRAME_HEADER + this.patchOffset };
    if (this.#compiled.size >= 64) this.#compiled.clear();
    this.#compiled.set(headers, compiled);
    return compiled;
  }
}

interface CompiledRequest {
  readonly headers: RequestHeaders;
  readonly bytes: Buffer;
  /** Where the DATA frame begins. */
  readonly dataAt: number;
  readonly patchAt: number;
}

/** Bits of a slot's progress. */
const HAS_HEADERS = 1;
const HAS_MESSAGE = 2;
const COMPLETE = HAS_HEADERS | HAS_MESSAGE;
const FIRST_SLOTS = 64;
/** What may wait in the socket before callers have to wait too. */
const MOST_PENDING = 4 * 1024 * 1024;

/**
 * The hot path of one connection: unary calls made from templates, their state in typed arrays. A slot belongs to the
 * stream `id` with `(id >>> 1) & mask`; the arrays grow when that is taken.
 */
export class TemplateCalls {
  readonly #connection: WireConnection;
  readonly #owner: TemplateOwner;
  #mask = FIRST_SLOTS - 1;
  #ids = new Int32Array(FIRST_SLOTS);
  #startedAt = new Float64Array(FIRST_SLOTS);
  #progress = new Uint8Array(FIRST_SLOTS);
  #open = 0;
  /** Responses whose message goes over several frames. */
  #split: Map<number, MessageCollector> | undefined;
  #lastTemplate: RequestTemplate | undefined;
  #lastCompiled: CompiledRequest | undefined;

  constructor(connection: WireConnection, owner: TemplateOwner) {
    this.#connection = connection;
    this.#owner = owner;
  }

  /** Whether `send()` may be called now; if not, ask again in `onBatch()`. */
  canSend(template: RequestTemplate): boolean {
    const connection = this.#connection;
    if (!connection.isUsable || connection.openCount >= connection.maxStreams) return false;
    if (connection.output.pending > MOST_PENDING) return false;
    const size = template.frame.length;
    // What fits no window goes the long way, which waits by itself; a few of those at a time.
    return this.#isSmall(size) ? connection.bodies.window >= size : connection.openCount < 64;
  }

  /**
   * Starts a call; `canSend()` has said yes.
   *
   * @param startedAt given back in `onDone()`: the intended start, by performance.now()
   * @returns where the varying bytes are in `connection.output.bytes`, to be overwritten at once; or -1 when the template
   *   was sent as it is, because it is the first of its kind on this connection or too large for this path
   */
  send(template: RequestTemplate, startedAt: number): number {
    const connection = this.#connection;
    let compiled = this.#lastCompiled;
    if (compiled === undefined || this.#lastTemplate !== template || compiled.headers !== connection.headers) {
      compiled = template.compile(connection.headers);
      this.#lastTemplate = template;
      this.#lastCompiled = compiled;
    }
    if (compiled === undefined || !this.#isSmall(template.frame.length)) {
      connection.start(new LongWayCall(template.method, startedAt, this.#owner), template.frame, true);
      return -1;
    }
    const id = connection.allocateId();
    let slot = (id >>> 1) & this.#mask;
    if (this.#ids[slot] !== 0) slot = this.#grow(id);
    this.#ids[slot] = id;
    this.#startedAt[slot] = startedAt;
    this.#progress[slot] = 0;
    this.#open += 1;
    connection.bodies.window -= template.frame.length;

    const { output } = connection;
    output.reserve(compiled.bytes.length);
    const at = output.length;
    output.bytes.set(compiled.bytes, at);
    writeUint32(output.bytes, at + 5, id);
    writeUint32(output.bytes, at + compiled.dataAt + 5, id);
    output.length = at + compiled.bytes.length;
    return at + compiled.patchAt;
  }

  /** Writes out what was sent outside `onBatch()`. */
  flush(): void {
    this.#connection.flush();
  }

  /** Ends calls started before `startedBefore` as lost; the server is told to forget them. */
  expire(startedBefore: number, now: number): void {
    if (this.#open === 0) return;
    for (let slot = 0; slot <= this.#mask; slot += 1) {
      const id = this.#ids[slot]!;
      if (id === 0 || this.#startedAt[slot]! >= startedBefore) continue;
      this.#connection.resetStream(id, ErrorCode.cancel);
      this.#finish(slot, now, GrpcStatus.deadlineExceeded, 'lost');
    }
  }

  /** The connection asks: is this frame for a template call? Then it is handled. */
  takeData(id: number, flags: number, bytes: Buffer, start: number, end: number, now: number): boolean {
    const slot = (id >>> 1) & this.#mask;
    if (this.#ids[slot] !== id) return false;
    const isWhole =
      (this.#progress[slot]! & HAS_MESSAGE) === 0 &&
      end - start >= 5 &&
      bytes[start] === 0 &&
      bytes.readUInt32BE(start + 1) === end - start - 5 &&
      this.#split?.has(id) !== true;
    if (isWhole) {
      this.#progress[slot]! |= HAS_MESSAGE;
      this.#owner.onMessage?.(bytes, start + 5, end);
    } else if (end > start && !this.#takePart(id, bytes, start, end)) {
      this.#connection.resetStream(id, ErrorCode.cancel);
      this.#finish(slot, now, GrpcStatus.internal, 'lost');
      return true;
    }
    // A gRPC response ends with trailers.
    if ((flags & Flag.endStream) !== 0) this.#finish(slot, now, GrpcStatus.internal, 'lost');
    return true;
  }

  takeHeaders(id: number, endsStream: boolean, block: DecodedBlock, now: number): boolean {
    const slot = (id >>> 1) & this.#mask;
    if (this.#ids[slot] !== id) return false;
    if (!endsStream) {
      this.#progress[slot]! |= HAS_HEADERS;
      return true;
    }
    const status = block.grpcStatus;
    if (status === 0 && this.#progress[slot] !== COMPLETE) this.#finish(slot, now, GrpcStatus.internal, 'lost');
    else this.#finish(slot, now, status < 0 ? GrpcStatus.unknown : status, 'answered');
    return true;
  }

  takeReset(id: number, isRefused: boolean, now: number): boolean {
    const slot = (id >>> 1) & this.#mask;
    if (this.#ids[slot] !== id) return false;
    this.#finish(slot, now, GrpcStatus.unavailable, isRefused ? 'unprocessed' : 'lost');
    return true;
  }

  refuseAbove(lastId: number, now: number): void {
    for (let slot = 0; slot <= this.#mask; slot += 1)
      if (this.#ids[slot]! > lastId) this.#finish(slot, now, GrpcStatus.unavailable, 'unprocessed');
  }

  loseAll(): void {
    const now = performance.now();
    for (let slot = 0; slot <= this.#mask; slot += 1)
      if (this.#ids[slot] !== 0) this.#finish(slot, now, GrpcStatus.unavailable, 'lost');
  }

  endBatch(now: number): void {
    this.#owner.onBatch(now);
  }

  #isSmall(size: number): boolean {
    return size <= FRAME_LIMIT && size <= this.#connection.initialSendWindow;
  }

  #finish(slot: number, now: number, grpcStatus: number, outcome: 'answered' | 'unprocessed' | 'lost'): void {
    this.#split?.delete(this.#ids[slot]!);
    this.#ids[slot] = 0;
    this.#open -= 1;
    this.#connection.releaseTemplateStream();
    this.#owner.onDone(this.#startedAt[slot]!, now, grpcStatus, outcome);
  }

  #takePart(id: number, bytes: Buffer, start: number, end: number): boolean {
    this.#split ??= new Map();
    let collector = this.#split.get(id);
    if (collector === undefined) {
      collector = new MessageCollector((message, from, to) => {
        // The slots may have grown since.
        this.#progress[(id >>> 1) & this.#mask]! |= HAS_MESSAGE;
        this.#owner.onMessage?.(message, from, to);
      });
      this.#split.set(id, collector);
    }
    const isFine = collector.receive(bytes, start, end) === undefined;
    if (isFine && !collector.isCut) this.#split.delete(id);
    return isFine;
  }

  /** Doubles the slots until every open stream and `id` have one of their own. */
  #grow(id: number): number {
    const open = [...this.#ids].flatMap((known, slot) => (known === 0 ? [] : [{ known, slot }]));
    let slots = this.#mask + 1;
    for (let taken: Set<number> | undefined; taken === undefined || taken.size <= open.length; ) {
      slots *= 2;
      taken = new Set([id, ...open.map(({ known }) => known)].map((known) => (known >>> 1) & (slots - 1)));
    }
    const { ids, startedAt, progress } = { ids: this.#ids, startedAt: this.#startedAt, progress: this.#progress };
    this.#mask = slots - 1;
    this.#ids = new Int32Array(slots);
    this.#startedAt = new Float64Array(slots);
    this.#progress = new Uint8Array(slots);
    for (const { known, slot } of open) {
      const target = (known >>> 1) & this.#mask;
      this.#ids[target] = ids[slot]!;
      this.#startedAt[target] = startedAt[slot]!;
      this.#progress[target] = progress[slot]!;
    }
    return (id >>> 1) & this.#mask;
  }
}

const NO_METHOD: RpcMethod = { path: '' };

/** Puts a message together that comes in several frames. */
class MessageCollector extends CallStream {
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

/** A template call that is too large for one frame or window, or the first of its kind. */
class LongWayCall extends CallStream {
  readonly method: RpcMethod;
  readonly #startedAt: number;
  readonly #owner: TemplateOwner;

  constructor(method: RpcMethod, startedAt: number, owner: TemplateOwner) {
    super();
    this.method = method;
    this.#startedAt = startedAt;
    this.#owner = owner;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.#owner.onMessage?.(bytes, start, end);
  }

  onEnd(end: StreamEnd): void {
    const outcome = end.kind === 'status' ? 'answered' : end.kind === 'unprocessed' ? 'unprocessed' : 'lost';
    this.#owner.onDone(this.#startedAt, performance.now(), statusOfEnd(end), outcome);
  }
}
