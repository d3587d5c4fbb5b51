import type { Socket } from 'node:net';
import type { TimerEntry, TimerWheel } from '../loop/index.ts';
import { writeGoaway, writePreface } from './control-frames.ts';
import { ErrorCode, Http2Error } from './frame.ts';
import { type CallsOwner, OpenCalls } from './open-calls.ts';
import { type KeepaliveOptions, PeerWatch, type PeerWatchOwner } from './peer-watch.ts';
import { PingAnswers } from './ping-answers.ts';
import type { RequestSender } from './request-sender.ts';

export interface ConnectionListener {
  onReady(): void;
  /** No new calls: the server said GOAWAY, or stream ids ran out. Calls that are open go on. */
  onDraining(why: string): void;
  /** Over; every call has been told before. */
  onClosed(why: string, cause?: unknown): void;
}

export interface LifeOptions extends KeepaliveOptions {
  /** Until TCP, TLS and HTTP/2 are up. */
  readonly dialTimeoutMs: number;
  /** The first stream id; tests begin near the last. */
  readonly firstStreamId?: number | undefined;
}

type Phase = 'dialing' | 'handshake' | 'ready' | 'draining' | 'closed';

/** A connection from the dial to its end, and what that means for its calls. */
export class ConnectionLife implements CallsOwner, PeerWatchOwner {
  readonly calls: OpenCalls;
  readonly peer: PeerWatch;
  readonly pings: PingAnswers;
  readonly #socket: Socket;
  readonly #sender: RequestSender;
  readonly #timers: TimerWheel;
  readonly #listener: ConnectionListener;
  #phase: Phase = 'dialing';
  #dialTimer: TimerEntry | undefined;

  constructor(
    socket: Socket,
    sender: RequestSender,
    timers: TimerWheel,
    options: LifeOptions,
    listener: ConnectionListener,
  ) {
    this.#socket = socket;
    this.#sender = sender;
    this.#timers = timers;
    this.#listener = listener;
    this.calls = new OpenCalls(sender, this, options.firstStreamId ?? 1);
    this.peer = new PeerWatch(timers, sender.output, options, this);
    this.pings = new PingAnswers(sender.output, timers);
    socket.on('error', (error) => this.close(describeSocketError(error), error));
    socket.on('close', () => this.close('the server closed the connection'));
    this.#dialTimer = timers.schedule(options.dialTimeoutMs, () =>
      this.close(`no HTTP/2 connection within ${options.dialTimeoutMs} ms`),
    );
  }

  get isUsable(): boolean {
    return this.#phase === 'ready';
  }

  /** The server's SETTINGS have not come yet. */
  get isInHandshake(): boolean {
    return this.#phase === 'handshake';
  }

  get isClosed(): boolean {
    return this.#phase === 'closed';
  }

  get hasOpenCalls(): boolean {
    return this.calls.count > 0 && this.#phase !== 'closed';
  }

  get isReadingPaused(): boolean {
    return this.#socket.isPaused();
  }

  /** TCP and TLS are up, or what is wrong with them. */
  onDialed(problem: string | undefined): void {
    if (problem !== undefined) {
      this.close(problem);
      return;
    }
    if (this.#phase !== 'dialing') return;
    this.#phase = 'handshake';
    writePreface(this.#sender.output);
    this.#sender.output.flush();
  }

  /** The server's first SETTINGS are applied. */
  becomeReady(): void {
    this.#phase = 'ready';
    this.#stopDialTimer();
    this.#listener.onReady();
  }

  /** No new calls; those that are open go on. */
  drain(why: string): void {
    if (this.#phase !== 'ready') return;
    this.#phase = 'draining';
    this.pings.hurry();
    const waiting = this.calls.takeWaiting();
    this.#listener.onDraining(why);
    for (const stream of waiting) this.calls.finish(stream, { kind: 'unprocessed', message: why });
  }

  close(why: string, cause?: unknown): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#stopDialTimer();
    this.peer.stop();
    this.pings.stop();
    this.#sayGoodbye(cause);
    this.calls.loseAll(why, cause);
    this.#listener.onClosed(why, cause);
  }

  // ---- of calls and the peer

  onBusy(): void {
    this.peer.start();
  }

  onIdsUsedUp(): void {
    this.drain('stream ids ran out');
  }

  onIdle(): void {
    if (this.#phase === 'draining') this.close('all calls of a drained connection are done');
  }

  onPeerSilent(why: string): void {
    this.close(why);
  }

  // ---- own

  #sayGoodbye(cause: unknown): void {
    const { output } = this.#sender;
    if (this.#socket.destroyed || this.#socket.connecting) {
      output.release();
      this.#socket.destroy();
      return;
    }
    // Where nothing is open there is nothing to say: the end of the connection tells as much.
    if (cause !== undefined || this.calls.count > 0) {
      writeGoaway(output, cause instanceof Http2Error ? cause.code : ErrorCode.noError);
      output.flush();
    }
    output.release();
    // What a dead peer never takes must not hold the socket.
    if (this.#socket.writableLength > 0) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  #stopDialTimer(): void {
    if (this.#dialTimer !== undefined) this.#timers.cancel(this.#dialTimer);
    this.#dialTimer = undefined;
  }
}

function describeSocketError(error: Error & { code?: string }): string {
  return error.code === undefined || error.message.includes(error.code)
    ? error.message
    : `${error.message} (${error.code})`;
}
