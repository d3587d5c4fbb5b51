import type { PatternSpace } from '@etcdperf/core/workload';

/** Subtrees of one level that are being deleted and written anew: by their node, how many keys are not there yet. */
export class SubtreesInFlight {
  readonly keysBelow: number;
  readonly #missing = new Map<number, number>();
  /** In the order in which subtrees are taken. */
  readonly #turns = new Map<number, number>();

  constructor(space: PatternSpace, level: number) {
    this.keysBelow = space.keysBelow(level);
  }

  get size(): number {
    return this.#turns.size;
  }

  has(node: number): boolean {
    return this.#turns.has(node);
  }

  /** Whether the key is below one of them. */
  hasKey(key: number): boolean {
    return this.#turns.size > 0 && this.#turns.has(Math.floor(key / this.keysBelow));
  }

  /** @param turn the how-many-th deletion of the run it is */
  begin(node: number, turn: number): void {
    this.#turns.set(node, turn);
    this.#missing.set(node, this.keysBelow);
  }

  /** The subtree is as it was. */
  end(node: number): void {
    this.#turns.delete(node);
    this.#missing.delete(node);
  }

  /** A key is there again; with the last of its subtree, that is over. */
  onWritten(key: number): void {
    const node = Math.floor(key / this.keysBelow);
    const missing = this.#missing.get(node)! - 1;
    if (missing === 0) this.end(node);
    else this.#missing.set(node, missing);
  }

  /** The first turn that is not over; Infinity: all are. */
  oldestTurn(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const turn of this.#turns.values()) oldest = Math.min(oldest, turn);
    return oldest;
  }
}
