import { EtcdperfError, OperationError } from '@etcdperf/core/errors';
import type { LoadFigures, LoadPhase, LoadSource } from '@etcdperf/core/load';
import type { LoadBatches } from './load-batches.ts';

/** What was acknowledged is noted so often: a process that is killed has the rest put again. */
const NOTE_MS = 100;

export interface FedSourceParts {
  /** Sends the batches. */
  readonly engine: LoadSource;
  readonly batches: LoadBatches;
  /** Makes them; rejects where it can't go on. */
  readonly feed: (signal: AbortSignal) => Promise<void>;
  /** Notes how far the load is; what it throws ends the load. */
  readonly onNote: () => void;
  readonly patienceMs: number;
}

/** A load whose requests are made while it runs. It ends when all were acknowledged, or when going on makes no sense. */
export class FedSource implements LoadSource {
  readonly #parts: FedSourceParts;
  readonly #ending = new AbortController();
  #failure: Error | undefined;

  constructor(parts: FedSourceParts) {
    this.#parts = parts;
  }

  /** Ends the load. */
  stop(reason: Error): void {
    this.#failure ??= reason;
    this.#ending.abort(reason);
    this.#parts.batches.stop();
  }

  prepare(signal: AbortSignal): Promise<void> {
    return this.#parts.engine.prepare(signal);
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    const { engine, batches, feed, patienceMs } = this.#parts;
    const feeding = new AbortController();
    const either = AbortSignal.any([signal, this.#ending.signal]);
    const endFeeding = () => {
      feeding.abort(either.reason);
      batches.stop();
    };
    either.addEventListener('abort', endFeeding);
    const fed = feed(feeding.signal).catch((error: unknown) => {
      if (!feeding.signal.aborted) this.stop(error instanceof Error ? error : new Error(String(error)));
    });
    const notes = setInterval(() => {
      this.#note();
      const { waitingSince } = batches;
      if (waitingSince === undefined || performance.now() - waitingSince < patienceMs) return;
      this.stop(new OperationError(`etcd took nothing for ${patienceMs / 1000} s`));
    }, NOTE_MS);
    try {
      await engine.run(either, onPhase);
    } catch (error) {
      this.#failure = error instanceof EtcdperfError || this.#failure === undefined ? (error as Error) : this.#failure;
    } finally {
      clearInterval(notes);
      either.removeEventListener('abort', endFeeding);
      feeding.abort();
      batches.stop();
      await fed;
      this.#note();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  take(): Promise<LoadFigures> {
    return this.#parts.engine.take();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.engine[Symbol.asyncDispose]();
  }

  #note(): void {
    try {
      this.#parts.onNote();
    } catch (error) {
      this.stop(error as Error);
    }
  }
}
