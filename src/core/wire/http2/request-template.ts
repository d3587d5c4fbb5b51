import type { RequestHeaders, RpcMethod } from '../hpack/index.ts';
import { Flag, FRAME_HEADER, FrameType, writeFrameHeader, writeUint32 } from './frame.ts';

const GRPC_PREFIX = 5;

/** A request that is sent very often, with a few bytes that vary. */
export class RequestTemplate {
  readonly method: RpcMethod;
  /** The request in its gRPC frame; of one whose length varies, the gRPC prefix alone. */
  readonly frame: Buffer;
  /** Where in `frame` the varying bytes begin. */
  readonly patchOffset: number;
  /** Bytes of the request in its gRPC frame. */
  size: number;
  /** Whether each request has a length of its own. */
  readonly isVarying: boolean;
  readonly #compiled = new Map<RequestHeaders, CompiledRequest>();

  constructor(method: RpcMethod, frame: Buffer, patchOffset: number, isVarying = false) {
    this.method = method;
    this.frame = frame;
    this.patchOffset = patchOffset;
    this.size = frame.length;
    this.isVarying = isVarying;
  }

  /** For requests of any length: `messageBytes` is set before each send, and the filler writes the whole message. */
  static varying(method: RpcMethod): RequestTemplate {
    return new RequestTemplate(method, Buffer.alloc(GRPC_PREFIX), GRPC_PREFIX, true);
  }

  /** How long the message is that the filler will write. */
  set messageBytes(bytes: number) {
    this.size = GRPC_PREFIX + bytes;
  }

  /** A whole request with the varying bytes still to be written; `patchOffset` tells where. */
  copy(): Buffer {
    if (!this.isVarying) return Buffer.from(this.frame);
    const frame = Buffer.alloc(this.size);
    frame.writeUInt32BE(this.size - GRPC_PREFIX, 1);
    return frame;
  }

  /** HEADERS and DATA with a stream id (and, where it varies, a length) of 0; undefined while the peer's table still lacks the headers. */
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

/** A template with the headers of a connection: what of it comes before the varying bytes, where its length varies. */
export interface CompiledRequest {
  readonly headers: RequestHeaders;
  readonly bytes: Buffer;
  /** Where the DATA frame begins. */
  readonly dataAt: number;
  readonly patchAt: number;
}

/** Of a DATA frame at `dataAt` with a whole gRPC frame in it, `size` bytes long. */
export function writeLengths(bytes: Buffer, dataAt: number, size: number): void {
  bytes[dataAt] = size >>> 16;
  bytes[dataAt + 1] = size >>> 8;
  bytes[dataAt + 2] = size;
  writeUint32(bytes, dataAt + FRAME_HEADER + 1, size - GRPC_PREFIX);
}
