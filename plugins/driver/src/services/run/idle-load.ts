import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadEnd, LoadFigures, LoadPhase, LoadSource } from '@etcdperf/core/load';
import { addFigures } from './add-figures.ts';

/** setTimeout takes no more than 2^31 - 1 ms. */
const LONGEST_MS = 2 ** 30;

/** Sends nothing until it is over: where all that a driver does goes on beside. */
export class IdleLoad implements LoadSource {
  readonly #ms: number;

  constructor(end: LoadEnd) {
    this.#ms = end.kind === 'duration' ? end.ms : Number.POSITIVE_INFINITY;
  }

  async prepare(): Promise<void> {}

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    onPhase('measured');
    const endsAt = performance.now() + this.#ms;
    for (let left = this.#ms; left > 0 && !signal.aborted; left = endsAt - performance.now())
      await sleep(Math.min(left, LONGEST_MS), undefined, { signal }).catch(() => undefined);
    onPhase('done');
  }

  async take(): Promise<LoadFigures> {
    return addFigures([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
