import { Napper, timerMs } from './rest.ts';

/** Something that has to be done at times. */
export interface TurnTaker {
  /** Does what is due, and says when there is more, by performance.now(). Infinity: never again. */
  turn(now: number): number;
}

/** Has the loops of a thread send what is due, and rests until the next of them has something. Never spins. */
export class Turns {
  readonly #takers: readonly TurnTaker[];
  readonly #ratePerSec: number;
  readonly #napper = new Napper();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param ratePerSec of all of them together */
  constructor(takers: readonly TurnTaker[], ratePerSec: number) {
    this.#takers = takers;
    this.#ratePerSec = ratePerSec;
  }

  start(): void {
    this.#turn();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  readonly #turn = (): void => {
    if (this.#isStopped) return;
    let at = Number.POSITIVE_INFINITY;
    for (const taker of this.#takers) at = Math.min(at, taker.turn(performance.now()));
    if (at < Number.POSITIVE_INFINITY) this.#rest(at);
  };

  #rest(at: number): void {
    const waitMs = at - performance.now();
    const byTimerMs = timerMs(waitMs);
    if (byTimerMs > 0) {
      this.#timer = setTimeout(this.#turn, byTimerMs);
      return;
    }
    this.#napper.nap(waitMs, this.#ratePerSec);
    setImmediate(this.#turn);
  }
}
