import type { Executor } from '@etcdperf/core/ssh';

/** A process's event file: JSON lines that grow on a host. */
export interface EventSource {
  readonly executor: Executor;
  /** The daemon's name, unique on its host. */
  readonly process: string;
  /** Absolute, on the host. */
  readonly path: string;
}

/** Called with every complete line, in order, once. */
export type OnLine = (source: EventSource, line: string) => void;

/** How far one event file has been read. */
export class EventTail {
  readonly source: EventSource;
  /** Why the last read failed; what was written meanwhile is read by the next one that succeeds. */
  failure: Error | undefined;
  readonly #onLine: OnLine;
  #offset = 0;
  #incomplete: Buffer = Buffer.alloc(0);
  #reading: Promise<void> | undefined;
  #again = false;

  constructor(source: EventSource, onLine: OnLine) {
    this.source = source;
    this.#onLine = onLine;
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
    this.#offset += chunk.length;
    const text = this.#incomplete.length > 0 ? Buffer.concat([this.#incomplete, chunk]) : chunk;
    let from = 0;
    for (let end = text.indexOf(0x0a); end !== -1; end = text.indexOf(0x0a, from)) {
      if (end > from) this.#onLine(this.source, text.toString('utf8', from, end));
      from = end + 1;
    }
    this.#incomplete = text.subarray(from);
  }
}
