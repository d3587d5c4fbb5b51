import type { KeyRecord } from '../../contents/key-record.ts';

/**
 * Stands on one key after the other. As long as a batch lasts, going on needs no await: `advance()` says when the next
 * one has to be fetched with `load()`.
 */
export class KeyCursor {
  readonly #batches: AsyncIterator<readonly KeyRecord[]>;
  #batch: readonly KeyRecord[] = [];
  #at = 0;
  /** Where it stands; undefined before the first `load()` and after the last key. */
  current: KeyRecord | undefined;
  keys = 0;

  constructor(batches: AsyncIterable<readonly KeyRecord[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** To the next key. False: there is none in this batch. */
  advance(): boolean {
    this.#at += 1;
    this.current = this.#batch[this.#at];
    if (this.current === undefined) return false;
    this.keys += 1;
    return true;
  }

  /** To the first key of the next batch that has any; after the last one `current` is undefined. */
  async load(): Promise<void> {
    do {
      const next = await this.#batches.next();
      if (next.done === true) {
        this.#batch = [];
        this.current = undefined;
        return;
      }
      this.#batch = next.value;
    } while (this.#batch.length === 0);
    this.#at = 0;
    this.current = this.#batch[0];
    this.keys += 1;
  }

  /** Lets go of the batches, also where not all were read. */
  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
