import { ClosedLoop } from './closed-loop.ts';
import type { Lane } from './lane.ts';
import type { LoadLoop, LoopParts } from './load-loop.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadPhase } from './load-source.ts';
import type { LoadTally } from './load-tally.ts';
import { LoadWindow } from './load-window.ts';
import { OpenLoop } from './open-loop.ts';
import type { PlanShare } from './share-plan.ts';

/** How long an interrupted load waits for answers. */
const LONGEST_DRAIN_MS = 5000;
const LONGEST_TICK_MS = 250;
/** setTimeout takes no more than 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 30;

export interface LoadRunParts {
  readonly plan: LoadPlan;
  readonly part: PlanShare;
  readonly tally: LoadTally;
  readonly lanes: readonly Lane[];
  /** By performance.now(). */
  readonly startsAt: number;
}

/** One thread's load from its first request to the outcome of its last. */
export class LoadRun {
  readonly #parts: LoadRunParts;
  readonly #onPhase: (phase: LoadPhase) => void;
  readonly #window: LoadWindow;
  readonly #loop: LoadLoop;
  readonly #over = Promise.withResolvers<void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #phase: LoadPhase = 'warmup';
  #isEnding = false;
  #senseless: Error | undefined;

  constructor(parts: LoadRunParts, onPhase: (phase: LoadPhase) => void) {
    this.#parts = parts;
    this.#onPhase = onPhase;
    const { plan, part, tally, lanes, startsAt } = parts;
    const end = plan.end.kind === 'total' ? { kind: 'total' as const, requests: part.requests ?? 0 } : plan.end;
    this.#window = new LoadWindow({ end, warmupMs: plan.warmupMs }, startsAt);
    tally.measuredFrom = this.#window.measuredFrom;
    this.#loop = this.#makeLoop();
    for (const lane of lanes) lane.tell(this.#loop);
  }

  /** Resolves when every request has its outcome. An aborted signal ends it early. Rejects where going on is senseless. */
  async finish(signal: AbortSignal): Promise<void> {
    const { plan, lanes } = this.#parts;
    const end = () => this.#endEarly();
    signal.addEventListener('abort', end);
    const tick = setInterval(
      () => {
        const now = performance.now();
        for (const lane of lanes) lane.expire(now - plan.timeoutMs, now);
        this.#loop.onTick(now);
      },
      Math.max(10, Math.min(LONGEST_TICK_MS, plan.timeoutMs / 20)),
    );
    try {
      const { startsAt, measuredFrom } = this.#window;
      this.#at(startsAt, () => {
        // Without a warm-up the first request is counted: two timers could come in either order.
        if (measuredFrom <= startsAt) this.#enter('measured');
        this.#loop.start();
      });
      if (measuredFrom > startsAt) this.#at(measuredFrom, () => this.#enter('measured'));
      if (this.#window.endsAt < Number.POSITIVE_INFINITY) this.#at(this.#window.endsAt, () => this.#loop.end());
      if (signal.aborted) this.#endEarly();
      await this.#over.promise;
    } finally {
      signal.removeEventListener('abort', end);
      clearInterval(tick);
      for (const timer of this.#timers) clearTimeout(timer);
    }
    if (this.#senseless !== undefined) throw this.#senseless;
  }

  #makeLoop(): LoadLoop {
    const { plan, part, tally, lanes } = this.#parts;
    const parts: LoopParts = {
      lanes,
      tally,
      window: this.#window,
      timeoutMs: plan.timeoutMs,
      onLastSent: () => this.#enter('done'),
      onOver: () => {
        this.#enter('done');
        this.#over.resolve();
      },
      onSenseless: (reason) => {
        this.#senseless ??= reason;
        this.#endEarly();
      },
    };
    if (plan.pace.kind === 'open') return new OpenLoop(parts, plan.end, plan.pace.ratePerSec, part);
    const callers = part.lanes.map((lane) => lane.callers);
    return new ClosedLoop(parts, callers);
  }

  #enter(phase: 'measured' | 'done'): void {
    if (this.#phase === phase || this.#phase === 'done') return;
    // A timer can be later than a short load's last request.
    if (phase === 'done' && this.#phase === 'warmup' && performance.now() >= this.#window.measuredFrom)
      this.#enter('measured');
    this.#phase = phase;
    this.#onPhase(phase);
  }

  #endEarly(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const { plan, lanes } = this.#parts;
    const drainMs = Math.min(LONGEST_DRAIN_MS, plan.timeoutMs);
    this.#at(performance.now() + drainMs, () => {
      const now = performance.now();
      for (const lane of lanes) lane.expire(Number.POSITIVE_INFINITY, now);
      this.#loop.end();
    });
    this.#loop.end();
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
