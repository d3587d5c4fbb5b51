import { GrpcStatus } from '../grpc-status.ts';
import type { DecodedBlock } from '../hpack/index.ts';
import { statusOfEnd } from './call-stream.ts';
import { ErrorCode, Flag, FRAME_HEADER, FRAME_LIMIT, writeUint32 } from './frame.ts';
import { LongWayCall } from './long-way-call.ts';
import { MessageCollector } from './message-collector.ts';
import type { OpenCalls } from './open-calls.ts';
import type { RequestSender } from './request-sender.ts';
import { type CompiledRequest, type RequestTemplate, writeLengths } from './request-template.ts';
import { endOfTrailers, problemOfHeaders } from './response-status.ts';
import type { TemplateFiller, TemplateOutcome, TemplateOwner } from './template-owner.ts';

/** Bits of a slot's progress. */
const HAS_HEADERS = 1;
const HAS_MESSAGE = 2;
const COMPLETE = HAS_HEADERS | HAS_MESSAGE;
const FIRST_SLOTS = 64;
/** What may wait in the socket before callers have to wait too. */
const MOST_PENDING = 4 * 1024 * 1024;
const EXPIRED = 'no answer in time';

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
  #tags = new Float64Array(FIRST_SLOTS);
  #progress = new Uint8Array(FIRST_SLOTS);
  #open = 0;
  /** Responses whose message goes over several frames. */
  #split: Map<number, MessageCollector> | undefined;
  readonly #longWay = new Set<LongWayCall>();
  readonly #onLongWayGone = (call: LongWayCall) => void this.#longWay.delete(call);
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
    const { size } = template;
    // What fits no window goes the long way, which waits by itself; a few of those at a time.
    return this.#isSmall(size) ? this.#sender.window >= size : this.#calls.count < 64;
  }

  /**
   * Starts a call; `canSend()` has said yes.
   *
   * @param startedAt given back in `onDone()`: the intended start, by performance.now()
   * @param tag any number; given to `filler`, and back with the answer
   * @param filler writes what varies, within this call
   */
  send(template: RequestTemplate, startedAt: number, tag: number, filler: TemplateFiller): void {
    const sender = this.#sender;
    let compiled = this.#lastCompiled;
    if (compiled === undefined || this.#lastTemplate !== template || compiled.headers !== sender.headers) {
      compiled = template.compile(sender.headers);
      this.#lastTemplate = template;
      this.#lastCompiled = compiled;
    }
    const { size } = template;
    if (compiled === undefined || !this.#isSmall(size)) {
      this.#sendLongWay(template, startedAt, tag, filler);
      return;
    }
    const id = this.#calls.allocateId();
    let slot = (id >>> 1) & this.#mask;
    if (this.#ids[slot] !== 0) slot = this.#grow(id);
    this.#ids[slot] = id;
    this.#startedAt[slot] = startedAt;
    this.#tags[slot] = tag;
    this.#progress[slot] = 0;
    this.#open += 1;
    sender.window -= size;

    const { output } = sender;
    const dataAt = compiled.dataAt;
    const length = dataAt + FRAME_HEADER + size;
    output.reserve(length);
    const at = output.length;
    output.bytes.set(compiled.bytes, at);
    writeUint32(output.bytes, at + 5, id);
    if (template.isVarying) writeLengths(output.bytes, at + dataAt, size);
    writeUint32(output.bytes, at + dataAt + 5, id);
    output.length = at + length;
    filler.fill(output.bytes, at + compiled.patchAt, tag, startedAt);
  }

  /** Writes out what was sent outside `onBatch()`. */
  flush(): void {
    this.#sender.output.flush();
  }

  /** Ends calls started before `startedBefore` as lost; the server is told to forget them. */
  expire(startedBefore: number, now: number): void {
    for (const call of this.#longWay) {
      if (call.startedAt >= startedBefore) continue;
      this.#calls.cancel(call);
      call.expire(now, EXPIRED);
    }
    if (this.#open === 0) return;
    for (let slot = 0; slot <= this.#mask; slot += 1) {
      const id = this.#ids[slot]!;
      if (id === 0 || this.#startedAt[slot]! >= startedBefore) continue;
      this.#sender.reset(id, ErrorCode.cancel);
      this.#finish(slot, now, GrpcStatus.deadlineExceeded, 'lost', EXPIRED);
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
      this.#owner.onMessage?.(this.#tags[slot]!, bytes, start + 5, end);
    } else if (end > start) {
      const problem = this.#takePart(id, bytes, start, end);
      if (problem !== undefined) {
        this.#sender.reset(id, ErrorCode.cancel);
        this.#finish(slot, now, GrpcStatus.internal, 'lost', problem);
        return true;
      }
    }
    if ((flags & Flag.endStream) !== 0)
      this.#finish(slot, now, GrpcStatus.internal, 'lost', 'the response ends without a status');
    return true;
  }

  takeHeaders(id: number, endsStream: boolean, block: DecodedBlock, now: number): boolean {
    const slot = (id >>> 1) & this.#mask;
    if (this.#ids[slot] !== id) return false;
    if (!endsStream) {
      if (block.httpStatus === 200) this.#progress[slot]! |= HAS_HEADERS;
      else if (block.httpStatus < 100 || block.httpStatus > 199) this.#refuse(slot, id, block, now);
    } else if (block.grpcStatus !== 0) {
      const end = endOfTrailers(block);
      this.#finish(slot, now, end.code, 'answered', end.message);
    } else if (this.#progress[slot] !== COMPLETE) {
      this.#finish(slot, now, GrpcStatus.internal, 'lost', 'the response is not whole');
    } else this.#finish(slot, now, GrpcStatus.ok, 'answered', '');
    return true;
  }

  takeReset(id: number, code: number, why: string, now: number): boolean {
    const slot = (id >>> 1) & this.#mask;
    if (this.#ids[slot] !== id) return false;
    const outcome = code === ErrorCode.refusedStream ? 'unprocessed' : 'lost';
    this.#finish(slot, now, GrpcStatus.unavailable, outcome, why);
    return true;
  }

  refuseAbove(lastId: number, why: string, now: number): void {
    for (let slot = 0; slot <= this.#mask; slot += 1)
      if (this.#ids[slot]! > lastId) this.#finish(slot, now, GrpcStatus.unavailable, 'unprocessed', why);
  }

  loseAll(why: string): void {
    if (this.#open === 0) return;
    const now = performance.now();
    for (let slot = 0; slot <= this.#mask; slot += 1)
      if (this.#ids[slot] !== 0) this.#finish(slot, now, GrpcStatus.unavailable, 'lost', why);
  }

  endBatch(now: number): void {
    this.#owner.onBatch(now);
  }

  #isSmall(size: number): boolean {
    return size <= FRAME_LIMIT && size <= this.#sender.initialStreamWindow;
  }

  /** The first of its kind on this connection, or too large for the short way. */
  #sendLongWay(template: RequestTemplate, startedAt: number, tag: number, filler: TemplateFiller): void {
    // A copy of its own: it may wait, and the next one has other bytes.
    const frame = template.copy();
    filler.fill(frame, template.patchOffset, tag, startedAt);
    const call = new LongWayCall(template.method, startedAt, tag, this.#owner, this.#onLongWayGone);
    this.#longWay.add(call);
    this.#calls.start(call, frame, true);
  }

  /** The response is none of gRPC's: a proxy's, say. */
  #refuse(slot: number, id: number, block: DecodedBlock, now: number): void {
    const problem = problemOfHeaders(block);
    this.#sender.reset(id, ErrorCode.cancel);
    const status = problem === undefined ? GrpcStatus.internal : statusOfEnd(problem);
    this.#finish(slot, now, status, 'answered', problem?.message ?? '');
  }

  #finish(slot: number, now: number, grpcStatus: number, outcome: TemplateOutcome, message: string): void {
    this.#split?.delete(this.#ids[slot]!);
    this.#ids[slot] = 0;
    this.#open -= 1;
    this.#calls.releaseTemplateStream();
    this.#owner.onDone(this.#startedAt[slot]!, now, grpcStatus, outcome, this.#tags[slot]!, message);
  }

  /** Takes a part of a message; returns what is wrong with it, if anything is. */
  #takePart(id: number, bytes: Buffer, start: number, end: number): string | undefined {
    this.#split ??= new Map();
    let collector = this.#split.get(id);
    if (collector === undefined) {
      collector = new MessageCollector((message, from, to) => {
        // The slots may have grown since.
        const slot = (id >>> 1) & this.#mask;
        this.#progress[slot]! |= HAS_MESSAGE;
        this.#owner.onMessage?.(this.#tags[slot]!, message, from, to);
      });
      this.#split.set(id, collector);
    }
    const problem = collector.receive(bytes, start, end);
    if (problem === undefined && !collector.isCut) this.#split.delete(id);
    return problem;
  }

  /** Doubles the slots until every open stream and `id` have one of their own. */
  #grow(id: number): number {
    const open = [...this.#ids].flatMap((known, slot) => (known === 0 ? [] : [{ known, slot }]));
    let slots = this.#mask + 1;
    for (let taken: Set<number> | undefined; taken === undefined || taken.size <= open.length; ) {
      slots *= 2;
      taken = new Set([id, ...open.map(({ known }) => known)].map((known) => (known >>> 1) & (slots - 1)));
    }
    const [ids, startedAt, tags, progress] = [this.#ids, this.#startedAt, this.#tags, this.#progress];
    this.#mask = slots - 1;
    this.#ids = new Int32Array(slots);
    this.#startedAt = new Float64Array(slots);
    this.#tags = new Float64Array(slots);
    this.#progress = new Uint8Array(slots);
    for (const { known, slot } of open) {
      const target = (known >>> 1) & this.#mask;
      this.#ids[target] = ids[slot]!;
      this.#startedAt[target] = startedAt[slot]!;
      this.#tags[target] = tags[slot]!;
      this.#progress[target] = progress[slot]!;
    }
    return (id >>> 1) & this.#mask;
  }
}
