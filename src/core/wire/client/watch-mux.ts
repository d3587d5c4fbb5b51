import { CallStream, type StreamEnd, type WireConnection } from '../http2/index.ts';
import { readWatch, type WatchResponse, writeWatchCancel, writeWatchCreate } from '../messages/index.ts';
import { ProtoError, ProtoReader, type ProtoWriter } from '../protobuf/index.ts';
import { Method } from './methods.ts';
import { ActiveWatch, type Watcher, type WatchHandlers, type WatchTarget } from './watcher.ts';

/** What the streams of a client need of it. */
export interface StreamHost {
  readonly connection: WireConnection | undefined;
  readonly writer: ProtoWriter;
  /** The stream ended although the connection stands: the client decides how to go on, and attaches it again. */
  onStreamEnd(end: StreamEnd): void;
  /** A new token, then everything is attached again. */
  renewToken(): void;
}

/** All watches of a client, on one Watch stream. It outlives connections: after `attach()` everything resumes. */
export class WatchMux {
  readonly #host: StreamHost;
  readonly #watches = new Set<ActiveWatch>();
  readonly #byId = new Map<number, ActiveWatch>();
  /** Created in this order, so answered in this order. */
  #unconfirmed: ActiveWatch[] = [];
  #stream: WatchStream | undefined;

  constructor(host: StreamHost) {
    this.#host = host;
  }

  add(target: WatchTarget, handlers: WatchHandlers): Watcher {
    const watch = new ActiveWatch(target, handlers, (closed) => this.#remove(closed));
    this.#watches.add(watch);
    const { connection } = this.#host;
    if (connection !== undefined) this.#create(watch, connection);
    return watch;
  }

  /** Puts all watches onto a new stream. */
  attach(connection: WireConnection): void {
    this.detach('the watch stream begins again');
    for (const watch of this.#watches) this.#create(watch, connection);
  }

  /** The stream is gone or to be left. */
  detach(why: string): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#stream = undefined;
    stream.connection.cancel(stream);
    this.#byId.clear();
    this.#unconfirmed = [];
    for (const watch of [...this.#watches]) watch.onDisconnected(why);
  }

  /** The user closed the client: no handler is called any more. */
  close(): void {
    for (const watch of [...this.#watches]) watch.close();
  }

  /** No watch can go on. */
  endAll(reason: string): void {
    this.detach(reason);
    for (const watch of [...this.#watches]) watch.end(reason, 0);
    this.#watches.clear();
  }

  #create(watch: ActiveWatch, connection: WireConnection): void {
    const { writer } = this.#host;
    writeWatchCreate(writer, watch.createRequest());
    const frame = writer.finish();
    this.#unconfirmed.push(watch);
    if (this.#stream === undefined) {
      this.#stream = new WatchStream(connection, this);
      connection.start(this.#stream, frame, false);
    } else this.#stream.connection.send(this.#stream, frame);
  }

  #remove(watch: ActiveWatch): void {
    this.#watches.delete(watch);
    if (watch.watchId === -1) return;
    this.#byId.delete(watch.watchId);
    this.#cancel(watch.watchId);
  }

  #cancel(watchId: number): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (this.#watches.size === 0) {
      this.detach('no watch is left');
      return;
    }
    writeWatchCancel(this.#host.writer, watchId);
    stream.connection.send(stream, this.#host.writer.finish());
  }

  onResponse(stream: WatchStream, response: WatchResponse): void {
    if (stream !== this.#stream) return;
    if (response.created) {
      const watch = this.#unconfirmed.shift();
      if (watch === undefined) return;
      if (watch.isClosed) {
        if (!response.canceled) this.#cancel(response.watchId);
        return;
      }
      if (!response.canceled) {
        this.#byId.set(response.watchId, watch);
        watch.onCreated(response);
      }
      this.#handle(watch, response);
      return;
    }
    const watch = this.#byId.get(response.watchId);
    if (watch !== undefined) this.#handle(watch, response);
  }

  #handle(watch: ActiveWatch, response: WatchResponse): void {
    if (response.canceled) this.#byId.delete(response.watchId);
    const fate = watch.onResponse(response);
    if (fate === 'goes-on') return;
    if (fate === 'over') this.#watches.delete(watch);
    else if (/auth token/.test(response.cancelReason)) this.#host.renewToken();
    else if (this.#stream !== undefined) this.#create(watch, this.#stream.connection);
  }

  onEnd(stream: WatchStream, end: StreamEnd): void {
    if (stream !== this.#stream) return;
    this.detach(end.message);
    if (this.#watches.size > 0) this.#host.onStreamEnd(end);
  }
}

class WatchStream extends CallStream {
  readonly method = Method.watch;
  readonly connection: WireConnection;
  readonly #mux: WatchMux;

  constructor(connection: WireConnection, mux: WatchMux) {
    super();
    this.connection = connection;
    this.#mux = mux;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    let response: WatchResponse;
    try {
      response = readWatch(new ProtoReader(bytes, start, end));
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      this.connection.cancel(this);
      this.#mux.onEnd(this, { kind: 'reset', message: `a watch response is not what it should be: ${error.message}` });
      return;
    }
    this.#mux.onResponse(this, response);
  }

  onEnd(end: StreamEnd): void {
    this.#mux.onEnd(this, end);
  }
}
