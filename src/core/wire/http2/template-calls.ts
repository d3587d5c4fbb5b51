import { GrpcStatus } from '../grpc-status.ts';
import type { DecodedBlock } from '../hpack/index.ts';
import { ErrorCode, Flag, FRAME_LIMIT, writeUint32 } from './frame.ts';
import { LongWayCall } from './long-way-call.ts';
import { MessageCollector } from './message-collector.ts';
import type { OpenCalls } from './open-calls.ts';
import type { RequestSender } from './request-sender.ts';
import type { CompiledRequest, RequestTemplate } from './request-template.ts';
import type { TemplateOwner } from './template-owner.ts';

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
  readonly #calls: OpenCalls;
  readonly #sender: RequestSender;
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

  constructor(calls: OpenCalls, owner: TemplateOwner) {
    this.#calls = calls;
    this.#sender = calls.sender;
    this.#owner = owner;
  }

  /** Whether `send()` may be called now; if not, ask again in `onBatch()`. */
  canSend(template: RequestTemplate): boolean {
    if (!this.#calls.hasRoom || this.#sender.output.pending > MOST_PENDING) return false;
    const size = template.frame.length;
    // What fits no window goes the long way, which waits by itself; a few of those at a time.
    return this.#isSmall(size) ? this.#sender.window >= size : this.#calls.count < 64;
  }

  /**
   * Starts a call; `canSend()` has said yes.
   *
   * @param startedAt given back in `onDone()`: the intended start, by performance.now()
   * @returns where the varying bytes are in `connection.output.bytes`, to be overwritten at once; or -1 when the template
   *   was sent as it is, because it is the first of its kind on this connection or too large for this path
   */
  send(template: RequestTemplate, startedAt: number): number {
    const sender = this.#sender;
    let compiled = this.#lastCompiled;
    if (compiled === undefined || this.#lastTemplate !== template || compiled.headers !== sender.headers) {
      compiled = template.compile(sender.headers);
      this.#lastTemplate = template;
      this.#lastCompiled = compiled;
    }
    if (compiled === undefined || !this.#isSmall(template.frame.length)) {
      this.#calls.start(new LongWayCall(template.method, startedAt, this.#owner), template.frame, true);
      return -1;
    }
    const id = this.#calls.allocateId();
    let slot = (id >>> 1) & this.#mask;
    if (this.#ids[slot] !== 0) slot = this.#grow(id);
    this.#ids[slot] = id;
    this.#startedAt[slot] = startedAt;
    this.#progress[slot] = 0;
    this.#open += 1;
    sender.window -= template.frame.length;

    const { output } = sender;
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
    this.#sender.output.flush();
  }

  /** Ends calls started before `startedBefore` as lost; the server is told to forget them. */
  expire(startedBefore: number, now: number): void {
    if (this.#open === 0) return;
    for (let slot = 0; slot <= this.#mask; slot += 1) {
      const id = this.#ids[slot]!;
      if (id === 0 || this.#startedAt[slot]! >= startedBefore) continue;
      this.#sender.reset(id, ErrorCode.cancel);
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
      this.#sender.reset(id, ErrorCode.cancel);
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
    return size <= FRAME_LIMIT && size <= this.#sender.initialStreamWindow;
  }

  #finish(slot: number, now: number, grpcStatus: number, outcome: 'answered' | 'unprocessed' | 'lost'): void {
    this.#split?.delete(this.#ids[slot]!);
    this.#ids[slot] = 0;
    this.#open -= 1;
    this.#calls.releaseTemplateStream();
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
