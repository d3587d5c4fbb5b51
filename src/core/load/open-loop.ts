import type { Lane, NextMove } from './lane.ts';
import type { LoadLoop, LoopParts } from './load-loop.ts';
import type { LoadEnd } from './load-plan.ts';
import { Pacer } from './pacer.ts';
import { MOST_PUNCTUAL_PER_SEC } from './rest.ts';
import type { PlanShare } from './share-plan.ts';
import type { TurnTaker } from './turns.ts';

/** While nothing can be sent: whatever changes that tells so; this is for what doesn't. */
const BLOCKED_MS = 5;
/** During a pause what is due is only counted. */
const PAUSED_MS = 50;

/**
 * Sends at a rate, whatever the answers do. A request that can't be sent when it is due (too many are in flight, no
 * connection can take it, this thread was busy) is sent as soon as it can be, late, and its latency counts from when it
 * was due.
 */
export class OpenLoop implements LoadLoop, TurnTaker {
  readonly ratePerSec: number;
  readonly #parts: LoopParts;
  readonly #maxInFlight: number;
  readonly #pacer: Pacer;
  /** Requests before this one are of the warm-up. */
  readonly #firstMeasured: number;
  /** This request and those after it are never sent. */
  #end: number;
  /** The request to send next. */
  #next = 0;
  #nextDueAt: number;
  #nextLane = 0;
  #isBlocked = false;
  #isPaused = false;
  /** Lanes that have something to write; one can be in it several times. */
  readonly #touched: Lane[] = [];

  constructor(parts: LoopParts, end: LoadEnd, ratePerSec: number, { share, requests = 0, maxInFlight }: PlanShare) {
    this.#parts = parts;
    this.ratePerSec = ratePerSec;
    this.#maxInFlight = maxInFlight;
    const { startsAt, measuredFrom, endsAt } = parts.window;
    this.#pacer = new Pacer({ startsAt, ratePerSec, index: share.index, count: share.count });
    this.#firstMeasured = this.#pacer.countBefore(measuredFrom);
    this.#end = end.kind === 'total' ? this.#firstMeasured + requests : this.#pacer.countBefore(endsAt);
    this.#nextDueAt = this.#pacer.dueAt(0);
  }

  get isAllSent(): boolean {
    return this.#next >= this.#end || this.#parts.goal?.isDone === true;
  }

  get isOver(): boolean {
    return this.isAllSent && this.#parts.tally.inFlight === 0;
  }

  /** The first turn sends. */
  start(): void {}

  /** Sends what is due. Never spins: whoever calls rests until the next is due. */
  turn(now: number): number {
    this.#sendDue(now);
    this.#checkOver();
    if (this.isAllSent) return Number.POSITIVE_INFINITY;
    if (this.#isPaused) return performance.now() + PAUSED_MS;
    return this.#isBlocked ? performance.now() + BLOCKED_MS : this.#nextDueAt;
  }

  end(): void {
    const now = performance.now();
    // What is due in the very last moment is still sent; what could not be sent until now never will be.
    if (now >= this.#parts.window.endsAt) this.#sendDue(now);
    if (!this.isAllSent) this.#dropUntil(Math.min(this.#pacer.countBefore(now), this.#end));
    this.#end = this.#next;
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
    this.#sendDue(now);
    this.#isPaused = false;
  }

  /** What was given up or lost ends without a batch. */
  onTick(): void {
    this.#checkOver();
  }

  onEnd(_lane: Lane, _now: number, _isOk: boolean, _nextMove: NextMove): void {}

  onBatch(_lane: Lane, now: number): void {
    if (this.#isBlocked || (this.#nextDueAt <= now && this.ratePerSec <= MOST_PUNCTUAL_PER_SEC)) this.#sendDue(now);
    this.#checkOver();
  }

  onOpen(_lane: Lane, now: number): void {
    this.#sendDue(now);
  }

  onSenseless(reason: Error): void {
    this.#parts.onSenseless(reason);
  }

  #sendDue(now: number): void {
    const { tally, timeoutMs } = this.#parts;
    if (this.#isPaused) {
      this.#dropUntil(Math.min(this.#pacer.countBefore(now), this.#end));
      return;
    }
    // Nobody waits for these any more.
    if (this.#nextDueAt < now - timeoutMs)
      this.#dropUntil(Math.min(this.#pacer.countBefore(now - timeoutMs), this.#end));
    const first = this.#next;
    const due = Math.min(this.#pacer.countBefore(now), this.#end);
    while (this.#next < due && tally.inFlight < this.#maxInFlight) {
      const lane = this.#freeLane();
      if (lane === undefined) break;
      lane.start(this.#nextDueAt);
      this.#touched.push(lane);
      this.#goTo(this.#next + 1);
    }
    this.#isBlocked = this.#next < due;
    if (this.#next === first) return;
    for (const lane of this.#touched) lane.flush();
    this.#touched.length = 0;
    const writtenAt = performance.now();
    for (let sent = first; sent < this.#next; sent += 1) tally.onWritten(this.#pacer.dueAt(sent), writtenAt);
  }

  /** Lanes take turns; one that can't send is passed over. */
  #freeLane(): Lane | undefined {
    const { lanes } = this.#parts;
    for (let tried = 0; tried < lanes.length; tried += 1) {
      const lane = lanes[this.#nextLane]!;
      this.#nextLane = this.#nextLane + 1 === lanes.length ? 0 : this.#nextLane + 1;
      if (lane.canStart()) return lane;
    }
    return undefined;
  }

  #goTo(number: number): void {
    this.#next = number;
    this.#nextDueAt = this.#pacer.dueAt(number);
  }

  /** These requests were due and will never be sent. */
  #dropUntil(end: number): void {
    if (end <= this.#next) return;
    this.#parts.tally.onDropped(Math.max(0, end - Math.max(this.#next, this.#firstMeasured)));
    this.#goTo(end);
  }

  #checkOver(): void {
    if (this.isAllSent) this.#parts.onProgress();
  }
}
