import type { LoadFigures, LoadPhase, LoadSource } from '@etcdperf/core/load';
import { addFigures } from './add-figures.ts';
import { type LateSignal, someTimeAfter } from './some-time-after.ts';

export interface SteadyLoadParts {
  /** The load goes on as long as this one does. */
  readonly main: LoadSource;
  /** What stands beside it: watches, leases. In place before the first request. */
  readonly beside: readonly LoadSource[];
  /** What is left to do when `main` is over; undefined: nothing is. */
  readonly finish: () => LoadSource | undefined;
  /** Aborted by Ctrl-C: other ends leave time for what is left to do. */
  readonly interruption: AbortSignal;
}

/** After an interruption, for requests under way and what is left to do: a pod has 10 s in all. */
const LAST_MOMENTS_MS = 5500;
/** Otherwise: a cluster that is down must not keep a run for good. */
const LONGEST_FINISH_MS = 120_000;

/** A driver's load after the keys are there, as one: requests, what goes on beside them, and what they leave to do. */
export class SteadyLoad implements LoadSource {
  readonly #parts: SteadyLoadParts;
  readonly #all: LoadSource[];
  #isLeftUndone = false;

  constructor(parts: SteadyLoadParts) {
    this.#parts = parts;
    this.#all = [...parts.beside, parts.main];
  }

  /** Subtrees were deleted and could not be written anew. */
  get isLeftUndone(): boolean {
    return this.#isLeftUndone;
  }

  async prepare(signal: AbortSignal): Promise<void> {
    for (const load of this.#all) {
      await load.prepare(signal);
      signal.throwIfAborted();
    }
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    using late = someTimeAfter(this.#parts.interruption, LAST_MOMENTS_MS);
    const ending = new AbortController();
    const broken = new AbortController();
    const until = AbortSignal.any([signal, ending.signal]);
    let failure: { readonly error: unknown } | undefined;
    const beside = this.#parts.beside.map((load) =>
      load
        .run(until, () => undefined)
        .catch((error: unknown) => {
          failure ??= { error };
          broken.abort();
        }),
    );
    try {
      await this.#parts.main.run(AbortSignal.any([signal, broken.signal]), (phase) => {
        if (phase !== 'done') onPhase(phase);
      });
    } catch (error) {
      failure ??= { error };
    }
    await this.#finish(late);
    onPhase('done');
    ending.abort();
    await Promise.all(beside);
    if (failure !== undefined) throw failure.error;
  }

  async take(): Promise<LoadFigures> {
    return addFigures(await Promise.all(this.#all.map((load) => load.take())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((load) => load[Symbol.asyncDispose]()));
  }

  /** So that the keys are whole; not for long where the driver was interrupted. */
  async #finish(late: LateSignal): Promise<void> {
    const load = this.#parts.finish();
    if (load === undefined) return;
    const signal = AbortSignal.any([late.signal, AbortSignal.timeout(LONGEST_FINISH_MS)]);
    try {
      await load.prepare(signal);
      this.#all.push(load);
      await load.run(signal, () => undefined);
      this.#isLeftUndone = signal.aborted;
    } catch {
      this.#isLeftUndone = true;
      if (!this.#all.includes(load)) await load[Symbol.asyncDispose]();
    }
  }
}
