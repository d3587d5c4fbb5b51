import type { Lane, NextMove } from './lane.ts';
import type { LoadLoop, LoopParts } from './load-loop.ts';
import type { DueQueue } from './mixed-load.ts';

const NOTHING = Number.POSITIVE_INFINITY;
const FIRST_REST_MS = 20;
const LONGEST_REST_MS = 250;
/** setTimeout takes no more than 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 30;

/**
 * Sends requests as they come due: what is to be done after something else. At its end the queue is emptied first, as
 * long as etcd goes on answering.
 */
export class QueuedLoop implements LoadLoop {
  readonly #parts: LoopParts;
  readonly #queue: DueQueue;
  readonly #clients: number;
  /** When the request was due that waits for a lane: its place in the queue may be gone already. */
  #waitingSince = NOTHING;
  #nextLane = 0;
  #isPaused = false;
  #isEnding = false;
  #hasGivenUp = false;
  #lastOkAt = 0;
  /** No sending before this time. */
  #restsUntil = 0;
  #rests = 0;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = NOTHING;
  /** Lanes that have something to write; one can be in it several times. */
  readonly #touched: Lane[] = [];
  readonly #onTime = (): void => {
    this.#wakesAt = NOTHING;
    this.#pump(performance.now());
  };

  constructor(parts: LoopParts, queue: DueQueue, clients: number) {
    this.#parts = parts;
    this.#queue = queue;
    this.#clients = clients;
  }

  /** Another part's answer may still bring something. */
  get isAllSent(): boolean {
    if (this.#hasGivenUp || this.#parts.goal?.isDone === true) return true;
    return this.#isEnding && this.#dueAt() === NOTHING;
  }

  get isOver(): boolean {
    return this.isAllSent && this.#parts.tally.inFlight === 0;
  }

  start(): void {
    this.#pump(performance.now());
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#lastOkAt = performance.now();
    this.#parts.onProgress();
  }

  giveUp(): void {
    this.#hasGivenUp = true;
    clearTimeout(this.#timer);
    this.#parts.onProgress();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#pump(performance.now());
  }

  onTick(now: number): void {
    if (this.#isEnding && now - this.#lastOkAt > this.#parts.timeoutMs) this.giveUp();
    this.#pump(now);
    this.#checkOver();
  }

  onEnd(_lane: Lane, now: number, isOk: boolean, nextMove: NextMove): void {
    if (isOk) {
      this.#lastOkAt = now;
      this.#rests = 0;
    } else if (nextMove === 'rest' && this.#restsUntil <= now) {
      this.#restsUntil = now + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** this.#rests);
      this.#rests = Math.min(this.#rests + 1, 16);
    }
  }

  onBatch(_lane: Lane, now: number): void {
    this.#pump(now);
    this.#checkOver();
  }

  onOpen(_lane: Lane, now: number): void {
    this.#pump(now);
  }

  onSenseless(reason: Error): void {
    this.#parts.onSenseless(reason);
  }

  #dueAt(): number {
    return this.#waitingSince === NOTHING ? this.#queue.nextDueAt : this.#waitingSince;
  }

  #pump(now: number): void {
    if (this.#isPaused || this.#hasGivenUp || this.#parts.goal?.hasNext === false) return;
    const { tally, timeoutMs } = this.#parts;
    while (tally.inFlight < this.#clients) {
      const dueAt = this.#dueAt();
      const sendAt = Math.max(dueAt, this.#restsUntil);
      if (sendAt > now) {
        this.#wakeAt(sendAt, now);
        break;
      }
      this.#waitingSince = dueAt;
      const lane = this.#freeLane();
      if (lane === undefined) break;
      // It waited for its turn behind others: that must not use up the time that etcd has for it.
      lane.start(Math.max(dueAt, now - timeoutMs / 2));
      this.#touched.push(lane);
      this.#waitingSince = NOTHING;
    }
    for (const lane of this.#touched) lane.flush();
    this.#touched.length = 0;
  }

  #freeLane(): Lane | undefined {
    const { lanes } = this.#parts;
    for (let tried = 0; tried < lanes.length; tried += 1) {
      const lane = lanes[this.#nextLane]!;
      this.#nextLane = this.#nextLane + 1 === lanes.length ? 0 : this.#nextLane + 1;
      if (lane.canStart()) return lane;
    }
    return undefined;
  }

  #wakeAt(time: number, now: number): void {
    if (time >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = time;
    this.#timer = setTimeout(this.#onTime, Math.min(time - now, LONGEST_TIMER_MS) + 1);
  }

  #checkOver(): void {
    if (this.isAllSent) this.#parts.onProgress();
  }
}
