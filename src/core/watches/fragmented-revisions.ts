const NOBODY = -1;

/**
 * Of the watchers of a stream: which events were told of a revision whose rest never came, because the stream broke
 * between the fragments of a large response. The revision is asked for again, and what was told is passed over.
 */
export class FragmentedRevisions {
  /** The last event's watcher and revision, and how many events of both came in a row. */
  #watcher = NOBODY;
  #revision = 0;
  #count = 0;
  /** More may follow of them. */
  #isOpen = false;
  readonly #told = new Map<number, { readonly revision: number; readonly count: number }>();

  /** An event came. Returns whether its watcher was told of it before the stream broke. */
  isRepeated(watcher: number, revision: number): boolean {
    this.#isOpen = false;
    if (watcher === this.#watcher && revision === this.#revision) this.#count += 1;
    else {
      this.#watcher = watcher;
      this.#revision = revision;
      this.#count = 1;
    }
    if (this.#told.size === 0) return false;
    const told = this.#told.get(watcher);
    if (told === undefined) return false;
    if (revision === told.revision && this.#count <= told.count) return true;
    this.#told.delete(watcher);
    return false;
  }

  /** The last event was that of a fragment. Returns its revision, which is to be asked for again if the stream breaks now. */
  onFragment(): number {
    this.#isOpen = true;
    return this.#revision;
  }

  /** The stream is gone. */
  onBreak(): void {
    if (this.#isOpen) {
      const before = this.#told.get(this.#watcher);
      const told = before?.revision === this.#revision ? before.count : 0;
      this.#told.set(this.#watcher, { revision: this.#revision, count: Math.max(told, this.#count) });
    }
    this.#isOpen = false;
    this.#watcher = NOBODY;
  }
}
