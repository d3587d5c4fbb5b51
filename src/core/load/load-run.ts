import { ClosedLoop } from './closed-loop.ts';
import { NoSpaceError } from './judge-failure.ts';
import type { Lane } from './lane.ts';
import type { LoadConnection } from './load-connection.ts';
import type { LoadLoop, LoopParts } from './load-loop.ts';
import type { LoadEnd, LoadPlan } from './load-plan.ts';
import type { LoadPhase } from './load-source.ts';
import type { LoadTally } from './load-tally.ts';
import { LoadWindow } from './load-window.ts';
import type { PartGoal, PartPace } from './mixed-load.ts';
import { OpenLoop } from './open-loop.ts';
import { QueuedLoop } from './queued-loop.ts';
import type { PlanShare } from './share-plan.ts';
import { Turns } from './turns.ts';

/** How long an interrupted load waits for answers. */
const LONGEST_DRAIN_MS = 5000;
const LONGEST_TICK_MS = 250;
/** setTimeout takes no more than 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 30;

/** One of the loads that go on at the same time, in one thread. */
export interface RunPart {
  readonly pace: PartPace;
  readonly share: PlanShare;
  readonly tally: LoadTally;
  readonly lanes: readonly Lane[];
  readonly goal?: PartGoal | undefined;
}

export interface LoadRunParts {
  /** A number of requests is of the first part: the others end with it. */
  readonly plan: Pick<LoadPlan, 'end' | 'warmupMs' | 'timeoutMs'>;
  readonly parts: readonly RunPart[];
  readonly connections: readonly LoadConnection[];
  /** By performance.now(). */
  readonly startsAt: number;
  /** What a NOSPACE answer does; undefined: it ends the load. */
  readonly onNoSpace?: ((reason: NoSpaceError) => void) | undefined;
}

/** One thread's load from its first request to the outcome of its last. */
export class LoadRun {
  readonly #parts: LoadRunParts;
  readonly #onPhase: (phase: LoadPhase) => void;
  readonly #window: LoadWindow;
  readonly #loops: readonly LoadLoop[];
  readonly #turns: Turns;
  readonly #over = Promise.withResolvers<void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #phase: LoadPhase = 'warmup';
  /** The work is done, the time is over, or somebody wants it to end. */
  #isEnding = false;
  #isEndedEarly = false;
  #senseless: Error | undefined;

  constructor(parts: LoadRunParts, onPhase: (phase: LoadPhase) => void) {
    this.#parts = parts;
    this.#onPhase = onPhase;
    const { plan, startsAt } = parts;
    this.#window = new LoadWindow({ end: { kind: 'open' }, warmupMs: plan.warmupMs }, startsAt);
    this.#loops = parts.parts.map((part, index) => this.#makeLoop(part, index));
    const open = this.#loops.filter((loop) => loop instanceof OpenLoop);
    this.#turns = new Turns(
      open,
      open.reduce((sum, { ratePerSec }) => sum + ratePerSec, 0),
    );
  }

  /** Resolves when every request has its outcome. An aborted signal ends it early. Rejects where going on is senseless. */
  async finish(signal: AbortSignal): Promise<void> {
    const { plan, connections } = this.#parts;
    const end = () => this.#endEarly();
    signal.addEventListener('abort', end);
    const tick = setInterval(
      () => {
        const now = performance.now();
        for (const connection of connections) connection.expire(now - plan.timeoutMs, now);
        for (const loop of this.#loops) loop.onTick(now);
      },
      Math.max(10, Math.min(LONGEST_TICK_MS, plan.timeoutMs / 20)),
    );
    try {
      const { startsAt, measuredFrom } = this.#window;
      this.#at(startsAt, () => {
        // Without a warm-up the first request is counted: two timers could come in either order.
        if (measuredFrom <= startsAt) this.#enter('measured');
        for (const loop of this.#loops) loop.start();
        this.#turns.start();
      });
      if (measuredFrom > startsAt) this.#at(measuredFrom, () => this.#enter('measured'));
      if (plan.end.kind === 'duration') this.#at(measuredFrom + plan.end.ms, () => this.#end());
      if (signal.aborted) this.#endEarly();
      await this.#over.promise;
    } finally {
      signal.removeEventListener('abort', end);
      clearInterval(tick);
      this.#turns.stop();
      for (const timer of this.#timers) clearTimeout(timer);
    }
    if (this.#senseless !== undefined) throw this.#senseless;
  }

  /** Parts that write send nothing until `resume()`. */
  pause(): void {
    for (const loop of this.#writingLoops()) loop.pause();
  }

  resume(): void {
    for (const loop of this.#writingLoops()) loop.resume();
  }

  #writingLoops(): readonly LoadLoop[] {
    return this.#loops.filter((_, index) => this.#parts.parts[index]!.tally.hasWrites);
  }

  #makeLoop({ pace, share, tally, lanes, goal }: RunPart, index: number): LoadLoop {
    const { plan, startsAt } = this.#parts;
    const end = plan.end.kind === 'total' && index > 0 ? { kind: 'open' as const } : plan.end;
    const ownEnd = end.kind === 'total' ? { kind: 'total' as const, requests: share.requests ?? 0 } : end;
    const window = new LoadWindow({ end: ownEnd, warmupMs: plan.warmupMs }, startsAt);
    tally.measuredFrom = window.measuredFrom;
    const parts: LoopParts = {
      lanes,
      tally,
      window,
      timeoutMs: plan.timeoutMs,
      goal,
      onProgress: () => this.#onProgress(),
      onSenseless: (reason) => this.#onSenseless(reason),
    };
    const loop = this.#loopOf(pace, parts, end, share);
    for (const lane of lanes) lane.tell(loop);
    goal?.wakeBy?.(() => loop.onTick(performance.now()));
    return loop;
  }

  #loopOf(pace: PartPace, parts: LoopParts, end: LoadEnd, share: PlanShare): LoadLoop {
    switch (pace.kind) {
      case 'open':
        return new OpenLoop(parts, end, pace.ratePerSec, share);
      case 'closed':
        return new ClosedLoop(
          parts,
          share.lanes.map((lane) => lane.callers),
        );
      case 'queued':
        return new QueuedLoop(parts, pace.queue, pace.clients);
      default:
        return pace satisfies never;
    }
  }

  #onProgress(): void {
    if (!this.#isEnding && this.#isWorkDone()) this.#end();
    if (!this.#loops.every(({ isAllSent }) => isAllSent)) return;
    this.#enter('done');
    if (this.#loops.every(({ isOver }) => isOver)) this.#over.resolve();
  }

  /** Whether there was work with an end of its own, and nothing of it is left. */
  #isWorkDone(): boolean {
    const { plan, parts } = this.#parts;
    if (plan.end.kind === 'total') return this.#loops[0]!.isAllSent;
    const goals = parts.flatMap(({ goal }) => goal ?? []);
    return goals.length > 0 && goals.every(({ isDone }) => isDone);
  }

  #onSenseless(reason: Error): void {
    const { onNoSpace } = this.#parts;
    if (reason instanceof NoSpaceError && onNoSpace !== undefined) {
      onNoSpace(reason);
      return;
    }
    this.#senseless ??= reason;
    this.#endEarly();
  }

  #enter(phase: 'measured' | 'done'): void {
    if (this.#phase === phase || this.#phase === 'done') return;
    // A timer can be later than a short load's last request.
    if (phase === 'done' && this.#phase === 'warmup' && performance.now() >= this.#window.measuredFrom)
      this.#enter('measured');
    this.#phase = phase;
    this.#onPhase(phase);
  }

  #end(): void {
    this.#isEnding = true;
    for (const loop of this.#loops) loop.end();
  }

  #endEarly(): void {
    if (this.#isEndedEarly) return;
    this.#isEndedEarly = true;
    const { plan, connections } = this.#parts;
    const drainMs = Math.min(LONGEST_DRAIN_MS, plan.timeoutMs);
    this.#at(performance.now() + drainMs, () => {
      const now = performance.now();
      for (const loop of this.#loops) loop.giveUp();
      for (const connection of connections) connection.expire(Number.POSITIVE_INFINITY, now);
      for (const loop of this.#loops) loop.onTick(now);
    });
    this.#end();
  }

  /** Calls at once what is due. */
  #at(time: number, callback: () => void): void {
    const waitMs = time - performance.now();
    if (waitMs <= 0) {
      callback();
      return;
    }
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#at(time, callback);
      },
      Math.min(waitMs, LONGEST_TIMER_MS),
    );
    this.#timers.add(timer);
  }
}
