import { CallStream, type StreamEnd, type WireConnection } from '../http2/index.ts';
import { endOfRange, scanWatch, type WatchSink, writeWatchCancel, writeWatchCreate } from '../messages/index.ts';
import { ProtoError, ProtoReader, ProtoWriter } from '../protobuf/index.ts';
import { Method } from './methods.ts';
import type { WatchTarget } from './watcher.ts';

/** Who is told about a watch stream. All calls are synchronous; see `WireConnection.readAt` for their time. */
export interface WatchStreamHandler extends WatchSink {
  /** The stream is gone and nothing follows: not told after `close()`. What it had not delivered can be watched for anew. */
  onEnd(end: StreamEnd): void;
}

/**
 * One Watch stream with any number of watches, for those who count events by the million: no object for a watch, none
 * for an event. It does not resume; `WireClient.watch()` does.
 *
 * ```ts
 * const stream = new WatchStream(client.connection, handler);
 * stream.create({ key: 'a/', prefix: true });
 * ```
 */
export class WatchStream extends CallStream {
  readonly method = Method.watch;
  readonly connection: WireConnection;
  readonly #handler: WatchStreamHandler;
  readonly #reader = new ProtoReader(NOTHING);
  readonly #writer: ProtoWriter;
  #isStarted = false;

  /** `writer` may be shared by all streams of a thread. */
  constructor(connection: WireConnection, handler: WatchStreamHandler, writer = new ProtoWriter()) {
    super();
    this.connection = connection;
    this.#handler = handler;
    this.#writer = writer;
  }

  /**
   * Asks for a watch; `onCreated()` or `onRefused()` answers, in the order of the requests.
   *
   * @param watchId of the caller's choice, unique on this stream; default: etcd counts from 0
   */
  create(target: WatchTarget, watchId?: number): void {
    const { key, startRevision = 0, progressNotify = false, prevKv = false } = target;
    writeWatchCreate(this.#writer, {
      key: key.length === 0 && target.prefix === true ? '\0' : key,
      rangeEnd: endOfRange(key, target),
      startRevision,
      progressNotify,
      prevKv,
      watchId,
    });
    this.#send(this.#writer.finish());
  }

  /** Asks for the end of a watch; `onCanceled()` answers, and events may come until then. */
  cancel(watchId: number): void {
    writeWatchCancel(this.#writer, watchId);
    this.#send(this.#writer.finish());
  }

  /** Ends the stream and all of its watches. The handler is told nothing more. */
  close(): void {
    this.connection.cancel(this);
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    try {
      scanWatch(this.#reader.reset(bytes, start, end), this.#handler);
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      this.close();
      this.#handler.onEnd({ kind: 'reset', message: `a watch response is not what it should be: ${error.message}` });
    }
  }

  onEnd(end: StreamEnd): void {
    this.#handler.onEnd(end);
  }

  #send(frame: Buffer): void {
    if (this.#isStarted) {
      this.connection.send(this, frame);
      return;
    }
    this.#isStarted = true;
    this.connection.start(this, frame, false);
  }
}

const NOTHING = Buffer.alloc(0);
