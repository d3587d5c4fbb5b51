import { LineSplitter } from './line-splitter.ts';

/** Output of a command, as lines to a receiver whose errors end the reading. */
export class LineFeed {
  readonly #splitter = new LineSplitter();
  readonly #onLines: (lines: readonly string[]) => void;
  readonly #onFailure: () => void;
  #failure: { readonly error: unknown } | undefined;
  #said = '';

  constructor(onLines: (lines: readonly string[]) => void, onFailure: () => void = () => undefined) {
    this.#onLines = onLines;
    this.#onFailure = onFailure;
  }

  /** Of the whole lines so far. */
  get bytes(): number {
    return this.#splitter.bytes;
  }

  /** The end of what the command wrote to stderr. */
  get said(): string {
    return this.#said;
  }

  readonly push = (chunk: Buffer): void => {
    if (this.#failure !== undefined) return;
    try {
      const lines = this.#splitter.push(chunk);
      if (lines.length > 0) this.#onLines(lines);
    } catch (error) {
      this.#failure = { error };
      this.#onFailure();
    }
  };

  readonly complain = (chunk: Buffer): void => {
    this.#said = (this.#said + chunk.toString()).slice(-1000);
  };

  /** Throws what the receiver threw. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
