import type { ClusterAccess } from '../etcd/index.ts';
import {
  type ConnectionState,
  classifyStatus,
  LeaseKeepAliveStream,
  type StreamEnd,
  WireClient,
} from '../wire/index.ts';

/** Until a stream is tried again that etcd ended while the connection stood. */
const REOPEN_MS = 500;

/** Who is told about a keepalive stream. */
export interface StreamOwner {
  onKeepAlive(id: number, ttlSeconds: number, at: number): void;
  onBreak(why: string): void;
  /** There is a stream again; not told of the first. */
  onOpen(): void;
}

/** One connection and its keepalive streams. */
export class KeepaliveLine {
  readonly #streams: KeepaliveStream[] = [];
  #client: WireClient | undefined;

  async connect(access: ClusterAccess, index: number, signal: AbortSignal): Promise<void> {
    const options = { ...access, startAt: index % access.endpoints.length };
    this.#client = await WireClient.connect(options, signal, (state) => this.#onState(state));
  }

  addStream(owner: StreamOwner): KeepaliveStream {
    const stream = new KeepaliveStream(this.#client!, owner);
    this.#streams.push(stream);
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    await this.#client?.close();
  }

  #onState(state: ConnectionState): void {
    if (state.kind === 'ready') for (const stream of this.#streams) stream.open();
  }
}

/** A keepalive stream that is opened anew whenever it breaks. */
export class KeepaliveStream {
  readonly #client: WireClient;
  readonly #owner: StreamOwner;
  #stream: LeaseKeepAliveStream | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Sent and not answered. */
  #pending = 0;
  /** The last answer; or the first request, where all before was answered. */
  #heardAt = 0;

  constructor(client: WireClient, owner: StreamOwner) {
    this.#client = client;
    this.#owner = owner;
    this.#start();
  }

  /** Where there is no stream now, nothing is sent: `onOpen` will tell. */
  send(id: number): void {
    if (this.#stream === undefined) return;
    if (this.#pending === 0) this.#heardAt = performance.now();
    this.#pending += 1;
    this.#stream.send(id);
  }

  /** For so long it answered nothing: what is stuck in it holds up the rest, which has better luck on another. */
  restartIfSilent(now: number, silentMs: number): void {
    if (this.#stream === undefined || this.#pending === 0 || now - this.#heardAt < silentMs) return;
    this.#stream.close();
    this.#stream = undefined;
    this.#owner.onBreak(`silent for ${Math.round(silentMs / 1000)} s`);
    this.open();
  }

  /** There is a connection that it can be on. */
  open(): void {
    if (this.#start()) this.#owner.onOpen();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reopening);
    this.#stream?.close();
  }

  #start(): boolean {
    const { connection } = this.#client;
    if (connection === undefined || this.#stream?.connection === connection || this.#isClosed) return false;
    // One that is left, as its member left the cluster: it would go on there for as long as that answers.
    this.#stream?.close();
    this.#pending = 0;
    this.#stream = new LeaseKeepAliveStream(connection, {
      onKeepAlive: (id, ttlSeconds) => {
        this.#pending -= 1;
        this.#heardAt = connection.readAt;
        this.#owner.onKeepAlive(id, ttlSeconds, connection.readAt);
      },
      onEnd: (end) => this.#onEnd(end),
    });
    return true;
  }

  #onEnd(end: StreamEnd): void {
    this.#stream = undefined;
    if (this.#isClosed) return;
    this.#owner.onBreak(end.message);
    if (end.kind === 'status') this.#onStatus(end.code, end.message);
    // The next connection tells when it is there; where this one stands, nobody else would.
    this.#reopening = setTimeout(() => this.open(), REOPEN_MS);
  }

  /** A member that only took too long for this stream is not left for it. */
  #onStatus(code: number, message: string): void {
    const { reason } = classifyStatus(code, message, false);
    if (reason === 'no-leader' || reason === 'server-stopped') this.#client.moveOn(message);
    // Whatever call is told so makes the client get a new token, for its streams, too.
    if (reason === 'stale-token') this.#client.leaseTimeToLive(1n).catch(() => undefined);
  }
}
