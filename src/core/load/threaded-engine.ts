import type { LoadFigures, LoadPhase, LoadSource } from './load-source.ts';
import type { LoadThread } from './load-thread.ts';
import type { ThreadEngineOptions } from './thread-engine.ts';
import { mergeFigures } from './thread-messages.ts';

/** So that every thread has its order before the first request is due. */
const LEAD_NS = 5_000_000n;

/** A load that is made by several worker threads, each with its own connections; the figures are those of all. */
export class ThreadedEngine implements LoadSource {
  readonly #options: Omit<ThreadEngineOptions, 'index'>;
  #threads: readonly LoadThread[] = [];

  constructor(options: Omit<ThreadEngineOptions, 'index'>) {
    this.#options = options;
  }

  async prepare(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { threads } = this.#options.plan;
    // On demand: what node has for threads is loaded with it.
    const { LoadThread } = await import('./load-thread.ts');
    this.#threads = Array.from({ length: threads }, (_, index) => new LoadThread({ ...this.#options, index }));
    await this.#untilAborted(signal, (thread) => thread.prepared()).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
    signal.throwIfAborted();
  }

  async run(signal: AbortSignal, onPhase: (phase: LoadPhase) => void): Promise<void> {
    let isMeasured = false;
    let doneCount = 0;
    const onThreadPhase = (phase: LoadPhase) => {
      if (phase === 'measured' && !isMeasured) {
        isMeasured = true;
        onPhase(phase);
      }
      if (phase === 'done') doneCount += 1;
      if (phase === 'done' && doneCount === this.#threads.length) onPhase(phase);
    };
    const startsAtNs = process.hrtime.bigint() + LEAD_NS;
    await this.#untilAborted(signal, (thread) => thread.run(startsAtNs, onThreadPhase));
  }

  async take(): Promise<LoadFigures> {
    return mergeFigures(await Promise.all(this.#threads.map((thread) => thread.take())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** Has all threads do it. When one fails or the signal is aborted the others are ended; rejects with the first failure. */
  async #untilAborted(signal: AbortSignal, work: (thread: LoadThread) => Promise<void>): Promise<void> {
    const abort = () => {
      for (const thread of this.#threads) thread.abort();
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    let failure: { readonly error: unknown } | undefined;
    await Promise.all(
      this.#threads.map((thread) =>
        work(thread).catch((error: unknown) => {
          failure ??= { error };
          abort();
        }),
      ),
    );
    signal.removeEventListener('abort', abort);
    if (failure !== undefined) throw failure.error;
  }
}
