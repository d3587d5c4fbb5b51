import { CallStream, GRPC_PREFIX, type StreamEnd, type WireConnection } from '../http2/index.ts';
import { scanLease } from '../messages/index.ts';
import { ProtoError, ProtoReader } from '../protobuf/index.ts';
import { Method } from './methods.ts';

/** Who is told about a keepalive stream. All calls are synchronous; see `WireConnection.readAt` for their time. */
export interface LeaseKeepAliveHandler {
  /** etcd's answer, in the order of the requests. `ttlSeconds` is 0 when there is no such lease any more. */
  onKeepAlive(id: number, ttlSeconds: number): void;
  /** The stream is gone and nothing follows: not told after `close()`. What it had not answered may be sent again. */
  onEnd(end: StreamEnd): void;
}

/**
 * One LeaseKeepAlive stream for very many leases: no object for a request, none for an answer. Its leases have ids up to
 * 2^53 - 1, so that a number is exact: grant them with ids of the caller's choice. `WireClient.keepAlive()` takes any.
 */
export class LeaseKeepAliveStream extends CallStream {
  readonly method = Method.leaseKeepAlive;
  readonly connection: WireConnection;
  readonly #handler: LeaseKeepAliveHandler;
  readonly #reader = new ProtoReader(NOTHING);
  readonly #tell: (id: number, ttlSeconds: number) => void;
  #isStarted = false;

  constructor(connection: WireConnection, handler: LeaseKeepAliveHandler) {
    super();
    this.connection = connection;
    this.#handler = handler;
    this.#tell = (id, ttlSeconds) => handler.onKeepAlive(id, ttlSeconds);
  }

  /** Asks etcd to keep the lease. All that is asked within one callback goes out in one write. */
  send(id: number): void {
    if (!Number.isSafeInteger(id) || id <= 0) throw new RangeError(`a lease id of ${id} is not exact`);
    const length = 1 + varintLength(id);
    const at = this.connection.place(this, length);
    if (at !== -1) {
      writeId(this.connection.output.bytes, at, id);
      return;
    }
    const frame = Buffer.alloc(GRPC_PREFIX + length);
    frame[GRPC_PREFIX - 1] = length;
    writeId(frame, GRPC_PREFIX, id);
    if (this.#isStarted) this.connection.send(this, frame);
    else {
      this.#isStarted = true;
      this.connection.start(this, frame, false);
    }
  }

  /** Ends the stream. The handler is told nothing more. */
  close(): void {
    this.connection.cancel(this);
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    try {
      scanLease(this.#reader.reset(bytes, start, end), this.#tell);
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      this.close();
      this.#handler.onEnd({ kind: 'reset', message: `a lease response is not what it should be: ${error.message}` });
    }
  }

  onEnd(end: StreamEnd): void {
    this.#handler.onEnd(end);
  }
}

const NOTHING = Buffer.alloc(0);
/** Field 1, a varint. */
const ID_TAG = 0x08;

function writeId(bytes: Buffer, at: number, id: number): void {
  bytes[at] = ID_TAG;
  let position = at + 1;
  let rest = id;
  while (rest > 0x7f) {
    bytes[position] = (rest % 128) | 0x80;
    position += 1;
    rest = Math.floor(rest / 128);
  }
  bytes[position] = rest;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length += 1;
  return length;
}
