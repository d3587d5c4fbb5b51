/** The largest of many, in little memory. Of equals those that came first. */
export class TopList<T> {
  readonly #most: number;
  readonly #entries: { readonly size: number; readonly item: T }[] = [];

  /** @param most so many are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param make what to keep, asked for only where it is kept */
  add(size: number, make: () => T): void {
    const entries = this.#entries;
    if (entries.length === this.#most && (this.#most === 0 || size <= entries.at(-1)!.size)) return;
    const entry = { size, item: make() };
    let at = entries.length;
    while (at > 0 && entries[at - 1]!.size < size) at -= 1;
    entries.splice(at, 0, entry);
    if (entries.length > this.#most) entries.pop();
  }

  /** Largest first. */
  items(): T[] {
    return this.#entries.map(({ item }) => item);
  }
}
