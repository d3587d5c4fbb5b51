import type { TimerEntry, TimerWheel } from '../loop/index.ts';
import { writePing } from './control-frames.ts';
import type { FrameOutput } from './frame-output.ts';

/** When a silent peer is asked, and when it is given up. */
export interface KeepaliveOptions {
  /**
   * Silence after which a PING asks whether the peer is there, while calls are open. etcd ends connections that ask
   * more often than its --grpc-keepalive-min-time (5 s by default).
   */
  readonly keepaliveMs: number;
  /** How long the answer to that PING may take. */
  readonly keepaliveTimeoutMs: number;
}

/** Whose peer it is. */
export interface PeerWatchOwner {
  /** Only then is silence strange. */
  readonly hasOpenCalls: boolean;
  readonly isReadingPaused: boolean;
  onPeerSilent(why: string): void;
}

/** PING after silence; the end if nothing answers. Only while calls are open: etcd forbids it otherwise. */
export class PeerWatch {
  /** When the last read came, by performance.now(). */
  lastReadAt = performance.now();
  readonly #timers: TimerWheel;
  readonly #output: FrameOutput;
  readonly #options: KeepaliveOptions;
  readonly #owner: PeerWatchOwner;
  #pingSentAt = 0;
  #timer: TimerEntry | undefined;

  constructor(timers: TimerWheel, output: FrameOutput, options: KeepaliveOptions, owner: PeerWatchOwner) {
    this.#timers = timers;
    this.#output = output;
    this.#options = options;
    this.#owner = owner;
  }

  /** A call is open: watch from now on. It ends by itself when none is. The owner is never told within this call. */
  start(): void {
    if (this.#timer === undefined) this.#wait();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer);
    this.#timer = undefined;
  }

  /** The last PING is not answered yet. */
  get #isAsked(): boolean {
    return this.#pingSentAt > this.lastReadAt;
  }

  #wait(): void {
    const { keepaliveMs, keepaliveTimeoutMs } = this.#options;
    const due = this.#isAsked ? this.#pingSentAt + keepaliveTimeoutMs : this.lastReadAt + keepaliveMs;
    this.#timer = this.#timers.schedule(Math.max(due - performance.now(), 1), () => this.#look());
  }

  #look(): void {
    const { keepaliveMs, keepaliveTimeoutMs } = this.#options;
    this.#timer = undefined;
    if (!this.#owner.hasOpenCalls) return;
    const now = performance.now();
    if (this.#isAsked) {
      if (now - this.#pingSentAt >= keepaliveTimeoutMs && !this.#owner.isReadingPaused) {
        this.#owner.onPeerSilent(`no answer to a PING within ${keepaliveTimeoutMs} ms`);
        return;
      }
    } else if (now - this.lastReadAt >= keepaliveMs) {
      this.#pingSentAt = now;
      writePing(this.#output);
      this.#output.flush();
    }
    this.#wait();
  }
}
