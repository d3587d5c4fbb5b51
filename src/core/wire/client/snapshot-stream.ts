import { CallStream, GRPC_PREFIX, type StreamEnd, type WireConnection } from '../http2/index.ts';
import { ProtoError, ProtoReader } from '../protobuf/index.ts';
import { Method } from './methods.ts';

/** Who gets a snapshot. All calls are synchronous. */
export interface SnapshotHandler {
  /**
   * The next part of it: `bytes[start, end)`, valid only during the call. `remainingBytes` follow, as the member sees
   * it. Whoever can't take them so fast pauses the connection.
   */
  onBlob(bytes: Buffer, start: number, end: number, remainingBytes: number): void;
  /** Nothing follows; not told after `close()`. Whole only with a status of 0. */
  onEnd(end: StreamEnd): void;
}

/** One member's whole database: etcd's Maintenance.Snapshot. */
export class SnapshotStream extends CallStream {
  readonly method = Method.snapshot;
  readonly connection: WireConnection;
  readonly #handler: SnapshotHandler;
  readonly #reader = new ProtoReader(NOTHING);

  #memory: Buffer = Buffer.allocUnsafe(64 * 1024);

  constructor(connection: WireConnection, handler: SnapshotHandler) {
    super();
    this.connection = connection;
    this.#handler = handler;
  }

  start(): void {
    this.connection.start(this, Buffer.alloc(GRPC_PREFIX), true);
  }

  /** Ends the stream. The handler is told nothing more. */
  close(): void {
    this.connection.cancel(this);
  }

  /** The same for each message: etcd sends 32 KB at a time, which come in several frames. */
  protected override memoryFor(bytes: number): Buffer {
    if (bytes > this.#memory.length) this.#memory = Buffer.allocUnsafe(bytes);
    return this.#memory;
  }

  protected override isTooLong(bytes: number): boolean {
    return bytes > LONGEST_MESSAGE;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    try {
      this.#scan(this.#reader.reset(bytes, start, end));
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      this.close();
      this.#handler.onEnd({ kind: 'reset', message: `a snapshot response is not what it should be: ${error.message}` });
    }
  }

  onEnd(end: StreamEnd): void {
    this.#handler.onEnd(end);
  }

  /** A SnapshotResponse. */
  #scan(reader: ProtoReader): void {
    let remaining = 0;
    let start = 0;
    let end = 0;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) remaining = reader.number();
      else if (field === 3) {
        end = reader.enter();
        start = reader.position;
        reader.position = end;
      } else reader.skip();
    }
    if (end > start) this.#handler.onBlob(reader.bytes, start, end, remaining);
  }
}

const NOTHING = Buffer.alloc(0);
const LONGEST_MESSAGE = 16 * 1024 * 1024;
