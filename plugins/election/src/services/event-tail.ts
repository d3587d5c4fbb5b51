import type { Executor } from '@etcdperf/core/ssh';

/** A process's event file: JSON lines that grow on a host. */
export interface EventSource {
  readonly executor: Executor;
  /** The daemon's name, unique on its host. */
  readonly process: string;
  /** Absolute, on the host. */
  readonly path: string;
}

/** Called with every complete line, in order, once; with as many at a time as there are. */
export type OnLines = (source: EventSource, lines: readonly string[]) => void;

/** How far one event file has been read. */
export class EventTail {
  readonly source: EventSource;
  /** Why the last read failed; what was written meanwhile is read by the next one that succeeds. */
  failure: Error | undefined;
  readonly #onLines: OnLines;
  #offset = 0;
  #incomplete: Buffer = Buffer.alloc(0);
  #reading: Promise<void> | undefined;
  #again = false;

  constructor(source: EventSource, onLines: OnLines) {
    this.source = source;
    this.#onLines = onLines;
  }

  /** Reads to the file's end as it is when called: who joins a read under way gets another one after it. */
  read(signal: AbortSignal): Promise<void> {
    this.#again = this.#reading !== undefined;
    this.#reading ??= this.#readOn(signal).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOn(signal: AbortSignal): Promise<void> {
    do {
      this.#again = false;
      try {
        this.#take(await this.source.executor.fetch(this.source.path, this.#offset, { signal }));
        this.failure = undefined;
      } catch (error) {
        this.failure = error as Error;
      }
    } while (this.#again && !signal.aborted);
  }

  #take(chunk: Buffer): void {
    const text = this.#incomplete.length > 0 ? Buffer.concat([this.#incomplete, chunk]) : chunk;
    const end = text.lastIndexOf(0x0a) + 1;
    const lines = text
      .toString('utf8', 0, end)
      .split('\n')
      .filter((line) => line !== '');
    // Where lines can't be kept (a full disk), they are read again: only then is this file read further.
    if (lines.length > 0) this.#onLines(this.source, lines);
    this.#offset += chunk.length;
    this.#incomplete = text.subarray(end);
  }
}
