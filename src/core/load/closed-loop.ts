import { CallerQueue } from './caller-queue.ts';
import type { Lane, NextMove } from './lane.ts';
import type { LoadLoop, LoopParts } from './load-loop.ts';

const FIRST_REST_MS = 20;
const LONGEST_REST_MS = 250;

/**
 * A number of callers, each of which sends its next request when it has the answer to the one before. A caller whose
 * lane can't send waits, and its request counts from when it became free: a pause of etcd is seen as long as it was.
 */
export class ClosedLoop implements LoadLoop {
  readonly #parts: LoopParts;
  readonly #queues: readonly CallerQueue[];
  /** By lane: no sending before this time. 0: at once. */
  readonly #restsUntil: Float64Array;
  /** By lane: rests in a row without a success. */
  readonly #rests: Uint8Array;
  #isPaused = false;

  /** @param callers by lane, how many it has */
  constructor(parts: LoopParts, callers: readonly number[]) {
    this.#parts = parts;
    this.#queues = callers.map((count) => new CallerQueue(count));
    this.#restsUntil = new Float64Array(callers.length);
    this.#rests = new Uint8Array(callers.length);
    callers.forEach((count, lane) => {
      for (let caller = 0; caller < count; caller += 1) this.#queues[lane]!.push(parts.window.startsAt);
    });
  }

  get isAllSent(): boolean {
    return this.#parts.window.isClosed || this.#parts.goal?.isDone === true;
  }

  get isOver(): boolean {
    return this.isAllSent && this.#parts.tally.inFlight === 0;
  }

  start(): void {
    this.#pumpAll(performance.now());
  }

  end(): void {
    this.#parts.window.close();
    this.#parts.onProgress();
  }

  giveUp(): void {
    this.end();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    const now = performance.now();
    this.#freeAll(now);
    this.#isPaused = false;
    this.#pumpAll(now);
  }

  /** Callers that waited for longer than the timeout give up, and begin anew. */
  onTick(now: number): void {
    const { lanes, window, tally, timeoutMs } = this.#parts;
    // Nobody is kept waiting where there is nothing to do.
    if (this.#isPaused || this.#parts.goal?.hasNext === false) {
      this.#freeAll(now);
      this.#checkOver();
      return;
    }
    for (const lane of lanes) {
      const queue = this.#queues[lane.index]!;
      while (queue.count > 0 && queue.first < now - timeoutMs && window.admit(queue.first)) {
        tally.onUnsent(lane.kindOfUnsent(), queue.first, 'fail', `not sent within ${timeoutMs} ms: ${lane.problem}`);
        queue.shift();
        queue.push(now);
      }
    }
    this.#pumpAll(now);
  }

  onEnd(lane: Lane, now: number, isOk: boolean, nextMove: NextMove): void {
    this.#queues[lane.index]!.push(now);
    if (isOk) this.#rests[lane.index] = 0;
    else if (nextMove === 'rest') this.#rest(lane, now);
  }

  onBatch(lane: Lane, now: number): void {
    this.#pump(lane, now);
    this.#checkOver();
  }

  onOpen(lane: Lane, now: number): void {
    this.#pump(lane, now);
    lane.flush();
  }

  onSenseless(reason: Error): void {
    this.#parts.onSenseless(reason);
  }

  #pump(lane: Lane, now: number): void {
    if (this.#isPaused || this.#restsUntil[lane.index]! > now) return;
    const queue = this.#queues[lane.index]!;
    while (queue.count > 0 && lane.canStart()) {
      const freeSince = queue.first;
      if (!this.#parts.window.admit(freeSince)) return;
      queue.shift();
      lane.start(freeSince);
    }
  }

  /** Callers that are free count as free since now. */
  #freeAll(now: number): void {
    for (const queue of this.#queues)
      for (let left = queue.count; left > 0; left -= 1) {
        queue.shift();
        queue.push(now);
      }
  }

  #pumpAll(now: number): void {
    for (const lane of this.#parts.lanes) {
      this.#pump(lane, now);
      lane.flush();
    }
    this.#checkOver();
  }

  #rest(lane: Lane, now: number): void {
    const { index } = lane;
    if (this.#restsUntil[index]! > now) return;
    const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** this.#rests[index]!);
    this.#rests[index] = Math.min(this.#rests[index]! + 1, 16);
    this.#restsUntil[index] = now + restMs;
    setTimeout(() => this.onOpen(lane, performance.now()), restMs + 1).unref();
  }

  #checkOver(): void {
    if (this.isOver) this.#parts.onProgress();
  }
}
