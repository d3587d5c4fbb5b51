import type { RequestHeaders, RpcMethod } from '../hpack/index.ts';
import { Flag, FRAME_HEADER, FrameType, writeFrameHeader } from './frame.ts';

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

/** A template with the headers of a connection. */
export interface CompiledRequest {
  readonly headers: RequestHeaders;
  readonly bytes: Buffer;
  /** Where the DATA frame begins. */
  readonly dataAt: number;
  readonly patchAt: number;
}
