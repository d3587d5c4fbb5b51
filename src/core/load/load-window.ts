import type { LoadEnd, LoadPlan } from './load-plan.ts';

/**
 * Which requests are sent and which of them count, by their intended starts: those of the warm-up don't, then either so
 * many or those within so much time. All times are by performance.now().
 */
export class LoadWindow {
  readonly startsAt: number;
  readonly measuredFrom: number;
  /** Infinity where a number of requests is the end. */
  readonly endsAt: number;
  /** Infinity where the time is the end. */
  #left: number;
  #isClosed = false;

  constructor({ end, warmupMs }: { readonly end: LoadEnd; readonly warmupMs: LoadPlan['warmupMs'] }, startsAt: number) {
    this.startsAt = startsAt;
    this.measuredFrom = startsAt + warmupMs;
    this.endsAt = end.kind === 'duration' ? this.measuredFrom + end.ms : Number.POSITIVE_INFINITY;
    this.#left = end.kind === 'total' ? end.requests : Number.POSITIVE_INFINITY;
  }

  /** No further request will be admitted. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether one more request with that intended start is to be sent; if so, it is counted. */
  admit(startedAt: number): boolean {
    if (this.#isClosed) return false;
    if (startedAt < this.measuredFrom) return true;
    if (this.#left === 0 || startedAt >= this.endsAt) {
      this.#isClosed = true;
      return false;
    }
    this.#left -= 1;
    if (this.#left === 0) this.#isClosed = true;
    return true;
  }

  close(): void {
    this.#isClosed = true;
  }
}
