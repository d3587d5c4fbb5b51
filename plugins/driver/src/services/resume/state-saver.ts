import type { DriverState } from './driver-state.ts';

/** Saves states one after the other; of those that come while one is being saved only the last counts. */
export class StateSaver {
  readonly #write: (state: DriverState) => Promise<void>;
  readonly #onFailed: (error: unknown) => void;
  readonly #onSaved: () => void;
  #next: DriverState | undefined;
  #work: Promise<void> | undefined;

  constructor(write: (state: DriverState) => Promise<void>, onFailed: (error: unknown) => void, onSaved: () => void) {
    this.#write = write;
    this.#onFailed = onFailed;
    this.#onSaved = onSaved;
  }

  /** Never throws; a failure is told and the next save tries again. */
  save(state: DriverState): void {
    this.#next = state;
    this.#work ??= this.#saveAll();
  }

  /** Resolves when nothing waits to be saved. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async #saveAll(): Promise<void> {
    for (let state = this.#next; state !== undefined; state = this.#next) {
      this.#next = undefined;
      try {
        await this.#write(state);
        this.#onSaved();
      } catch (error) {
        this.#onFailed(error);
      }
    }
    this.#work = undefined;
  }
}
