import type { TimerEntry, TimerWheel } from '../loop/index.ts';

export interface FirstConnectionOptions {
  readonly timers: TimerWheel;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** The error when the time is over. */
  readonly timeoutError: () => unknown;
  /** Told before the promise rejects. */
  readonly onFailed: () => void;
}

/** The wait for a client's first connection: it settles once, and then nothing of it stays. */
export class FirstConnection {
  readonly #options: FirstConnectionOptions;
  readonly #result = Promise.withResolvers<void>();
  readonly #timer: TimerEntry;
  readonly #abort = () => this.fail(this.#options.signal?.reason);
  #isOver = false;

  constructor(options: FirstConnectionOptions) {
    this.#options = options;
    this.#timer = options.timers.schedule(options.timeoutMs, () => this.fail(options.timeoutError()));
    options.signal?.addEventListener('abort', this.#abort);
  }

  /** Resolves after `succeed()`; rejects with what `fail()` was given, or with the signal's reason. */
  get promise(): Promise<void> {
    return this.#result.promise;
  }

  succeed(): void {
    if (this.#end()) this.#result.resolve();
  }

  fail(error: unknown): void {
    if (!this.#end()) return;
    this.#options.onFailed();
    this.#result.reject(error);
  }

  /** False when it was over already. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#options.timers.cancel(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    return true;
  }
}
