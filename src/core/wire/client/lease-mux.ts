import { CallStream, type StreamEnd, type WireConnection } from '../http2/index.ts';
import type { TimerEntry } from '../loop/index.ts';
import { type LeaseKeepAliveResult, readLease, writeLeaseId } from '../messages/index.ts';
import { ProtoError, ProtoReader } from '../protobuf/index.ts';
import type { WireError } from '../wire-error.ts';
import { Method } from './methods.ts';
import type { StreamHost } from './watch-mux.ts';

interface PendingKeepAlive {
  readonly id: bigint;
  readonly timer: TimerEntry;
  readonly resolve: (result: LeaseKeepAliveResult) => void;
  readonly reject: (error: unknown) => void;
}

/** All lease keepalives of a client, on one stream. A keepalive that a lost stream left open is sent again. */
export class LeaseMux {
  readonly #host: StreamHost;
  /** etcd answers in the order it was asked. */
  #pending: PendingKeepAlive[] = [];
  #stream: LeaseStream | undefined;

  constructor(host: StreamHost) {
    this.#host = host;
  }

  /** Rejects with a WireError (`fail`: the lease may be kept alive or not, trying again does no harm). */
  keepAlive(
    id: bigint,
    schedule: (onDeadline: () => void) => TimerEntry,
    cancelTimer: (timer: TimerEntry) => void,
    deadlineError: () => WireError,
  ): Promise<LeaseKeepAliveResult> {
    return new Promise((resolve, reject) => {
      const timer = schedule(() => {
        this.#pending = this.#pending.filter((other) => other !== pending);
        // Answers are told apart by their order: one that nobody waits for would confuse the rest.
        this.#restart();
        reject(deadlineError());
      });
      const pending: PendingKeepAlive = {
        id,
        timer,
        resolve: (result) => {
          cancelTimer(timer);
          resolve(result);
        },
        reject: (error) => {
          cancelTimer(timer);
          reject(error);
        },
      };
      this.#pending.push(pending);
      const { connection } = this.#host;
      if (connection !== undefined) this.#send(pending, connection);
    });
  }

  attach(connection: WireConnection): void {
    this.detach();
    for (const pending of this.#pending) this.#send(pending, connection);
  }

  detach(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.connection.cancel(stream);
  }

  endAll(error: WireError): void {
    this.detach();
    for (const pending of this.#pending.splice(0)) pending.reject(error);
  }

  #restart(): void {
    const connection = this.#stream?.connection;
    this.detach();
    if (connection?.isUsable === true) this.attach(connection);
  }

  #send(pending: PendingKeepAlive, connection: WireConnection): void {
    const { writer } = this.#host;
    writeLeaseId(writer, pending.id);
    const frame = writer.finish();
    if (this.#stream === undefined) {
      this.#stream = new LeaseStream(connection, this);
      connection.start(this.#stream, frame, false);
    } else this.#stream.connection.send(this.#stream, frame);
  }

  onResponse(stream: LeaseStream, result: LeaseKeepAliveResult): void {
    if (stream !== this.#stream) return;
    this.#pending.shift()?.resolve(result);
  }

  onEnd(stream: LeaseStream, end: StreamEnd): void {
    if (stream !== this.#stream) return;
    this.#stream = undefined;
    if (this.#pending.length > 0) this.#host.onStreamEnd(end);
  }
}

class LeaseStream extends CallStream {
  readonly method = Method.leaseKeepAlive;
  readonly connection: WireConnection;
  readonly #mux: LeaseMux;

  constructor(connection: WireConnection, mux: LeaseMux) {
    super();
    this.connection = connection;
    this.#mux = mux;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    try {
      this.#mux.onResponse(this, readLease(new ProtoReader(bytes, start, end)));
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      this.connection.cancel(this);
      this.#mux.onEnd(this, { kind: 'reset', message: `a lease response is not what it should be: ${error.message}` });
    }
  }

  onEnd(end: StreamEnd): void {
    this.#mux.onEnd(this, end);
  }
}
