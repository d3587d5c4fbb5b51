import type { Socket } from 'node:net';
import type { WireLoop } from '../loop/index.ts';
import type { CallStream } from './call-stream.ts';
import { ConnectionLife, type ConnectionListener, type LifeOptions } from './connection-life.ts';
import { type DialTarget, dialSocket } from './dial-socket.ts';
import { FrameOutput } from './frame-output.ts';
import { FrameReceiver } from './frame-receiver.ts';
import type { OpenCalls } from './open-calls.ts';
import { RequestSender } from './request-sender.ts';
import { TemplateCalls } from './template-calls.ts';
import type { TemplateOwner } from './template-owner.ts';

export interface WireConnectionOptions extends LifeOptions {
  readonly loop: WireLoop;
  /** etcd's auth token, sent with every request. */
  readonly token?: string | undefined;
}

/**
 * One HTTP/2 connection that carries gRPC calls: frames are written to and read from the socket directly. Everything is
 * synchronous and callback-driven; nothing allocates per request on the template path. WireClient wraps it for callers
 * who want promises, several endpoints and reconnects.
 */
export class WireConnection {
  readonly target: DialTarget;
  /** What `place()` writes to. */
  readonly output: FrameOutput;
  readonly #socket: Socket;
  readonly #sender: RequestSender;
  readonly #life: ConnectionLife;
  readonly #calls: OpenCalls;

  constructor(target: DialTarget, options: WireConnectionOptions, listener: ConnectionListener) {
    const { loop, token } = options;
    const { scheme, authority } = target;
    const onread = {
      buffer: loop.readRegion,
      callback: (count: number) => {
        receiver.onRead(count);
        return true;
      },
    };
    this.target = target;
    this.#socket = dialSocket(target, onread, (problem) => this.#life.onDialed(problem));
    this.output = new FrameOutput(this.#socket, loop, target.tls !== undefined);
    this.#sender = new RequestSender(this.output, loop, { scheme, authority, token });
    this.#life = new ConnectionLife(this.#socket, this.#sender, loop.timers, options, listener);
    this.#calls = this.#life.calls;
    const receiver = new FrameReceiver(loop, this.#life, this.#sender);
  }

  /** Whether a new call can be started. */
  get isUsable(): boolean {
    return this.#life.isUsable;
  }

  /** When the last read came, by performance.now(): the time of all that a handler is told within it. */
  get readAt(): number {
    return this.#life.peer.lastReadAt;
  }

  /** Our end, as `address:port`; undefined while it is not connected. */
  get localAddress(): string | undefined {
    const { localAddress, localPort } = this.#socket;
    return localAddress === undefined ? undefined : `${localAddress}:${localPort}`;
  }

  /** How many calls are open. */
  get openCount(): number {
    return this.#calls.count;
  }

  /** From now on requests carry this auth token. */
  setToken(token: string): void {
    this.#sender.setToken(token);
  }

  /** No new calls here; those that are open go on, then the connection ends. */
  retire(why: string): void {
    this.#life.drain(why);
    this.#calls.onGone();
  }

  /** Switches the template path on. */
  useTemplates(owner: TemplateOwner): TemplateCalls {
    this.#calls.templates ??= new TemplateCalls(this.#calls, owner);
    return this.#calls.templates;
  }

  /**
   * Starts a call.
   *
   * @param frame the first message, in its gRPC frame
   * @param isLast no other message follows
   */
  start(stream: CallStream, frame: Buffer, isLast: boolean): void {
    this.#calls.start(stream, frame, isLast);
  }

  /** Sends another message on an open call. */
  send(stream: CallStream, frame: Buffer): void {
    this.#sender.send(stream, frame);
  }

  /**
   * Begins another message on an open call that is short and can go right now.
   *
   * @param length of the message, without gRPC's prefix
   * @returns where in `output.bytes` the caller must write it at once; -1: it can't go now, use `send()`
   */
  place(stream: CallStream, length: number): number {
    return this.#sender.place(stream, length);
  }

  /** Ends a call that is still open: the server is told, the call is not. */
  cancel(stream: CallStream): void {
    this.#calls.cancel(stream);
  }

  /** Ends the connection at once; open calls are told that it is lost. */
  close(why = 'closed by us'): void {
    this.#life.close(why);
  }

  /** Stops or resumes reading: the kernel's buffers fill and TCP slows the server down. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#life.peer.lastReadAt = performance.now();
    this.#socket.resume();
  }

  flush(): void {
    this.output.flush();
  }
}
