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

  start(): void {
    this.#pumpAll(performance.now());
  }

  end(): void {
    this.#parts.window.close();
    this.#parts.onLastSent();
    this.#checkOver();
  }

  /** Callers that waited for longer than the timeout give up, and begin anew. */
  onTick(now: number): void {
    const { lanes, window, tally, timeoutMs } = this.#parts;
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
    if (this.#restsUntil[lane.index]! > now) return;
    const queue = this.#queues[lane.index]!;
    while (queue.count > 0 && lane.canStart()) {
      const freeSince = queue.first;
      if (!this.#parts.window.admit(freeSince)) return;
      queue.shift();
      lane.start(freeSince);
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
    const { window, tally } = this.#parts;
    if (window.isClosed && tally.inFlight === 0) this.#parts.onOver();
  }
}
