import type { TimerEntry, TimerWheel } from '../loop/index.ts';
import { writePing } from './control-frames.ts';
import type { FrameOutput } from './frame-output.ts';

/**
 * How long a PING may wait for its answer. grpc-go's server sends one after nearly every request, to estimate the line
 * (gRPC's BDP estimation), and the next only when that is answered: at once would mean a read, a write and a wake-up
 * more for each request; after 100 ms, a hundred connections still spend a tenth of a slow load's CPU on it. Peers that
 * ask whether we are alive wait for seconds.
 */
const ANSWER_AFTER_MS = 500;

/** Answers the peer's PINGs, all of them, in order, but not in haste. */
export class PingAnswers {
  readonly #output: FrameOutput;
  readonly #timers: TimerWheel;
  #payload: Buffer | undefined;
  #timer: TimerEntry | undefined;
  #isHurried = false;

  constructor(output: FrameOutput, timers: TimerWheel) {
    this.#output = output;
    this.#timers = timers;
  }

  /** A PING has come; its eight bytes are at `start`. */
  take(bytes: Buffer, start: number): void {
    this.#payload ??= Buffer.alloc(8);
    // A second one: whoever sends them like this wants to know.
    if (this.#timer !== undefined) writePing(this.#output, this.#payload);
    else if (!this.#isHurried) this.#timer = this.#timers.schedule(ANSWER_AFTER_MS, () => this.#answer());
    bytes.copy(this.#payload, 0, start, start + 8);
    if (this.#isHurried) this.#answer();
  }

  /** From now on at once: a server that stops asks whether its GOAWAY has come, and stops when it knows. */
  hurry(): void {
    this.#isHurried = true;
    if (this.#timer === undefined) return;
    this.stop();
    this.#answer();
  }

  /** The connection is over. */
  stop(): void {
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer);
    this.#timer = undefined;
  }

  #answer(): void {
    this.#timer = undefined;
    if (this.#payload === undefined) return;
    writePing(this.#output, this.#payload);
    this.#output.flush();
  }
}
