/**
 * The endpoints of a cluster whose members may change while clients use it. Given as a client's `endpoints`, what it
 * dials from now on follows; whoever only reads it has an array like any other.
 */
export class LiveEndpoints extends Array<string> {
  /** What `map()` and the like make is a plain array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  readonly #listeners = new Set<(gone: readonly string[]) => void>();

  constructor(endpoints: readonly string[]) {
    super();
    this.push(...endpoints);
  }

  /**
   * @param endpoints those to dial from now on, at least one
   * @param gone those that are no members any more: connections to them are left, which have open calls go on
   */
  replace(endpoints: readonly string[], gone: readonly string[]): void {
    this.splice(0, this.length, ...endpoints);
    for (const listener of this.#listeners) listener(gone);
  }

  /** @returns what ends it */
  onChange(listener: (gone: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
