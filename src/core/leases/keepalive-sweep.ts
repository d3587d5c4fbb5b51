/**
 * When each of many leases is to be kept alive: a pointer goes round all of them once in an interval, at an even pace, so
 * that their keepalives are spread evenly however fast they were granted. Arithmetic, with nothing to remember for a lease.
 */
export class KeepaliveSweep {
  readonly #count: number;
  readonly #startAt: number;
  readonly #intervalMs: number;
  /** How many turns were given, over all rounds. */
  #given = 0;

  /** @param startAt when lease 0 has its first turn, by performance.now() */
  constructor(count: number, startAt: number, intervalMs: number) {
    this.#count = count;
    this.#startAt = startAt;
    this.#intervalMs = intervalMs;
  }

  /** Gives each lease its turn that is due at `now`, in order: its number, and when it was due. */
  advance(now: number, onTurn: (number: number, dueAt: number) => void): void {
    while (this.nextAt <= now) {
      const number = this.#given % this.#count;
      const dueAt = this.nextAt;
      this.#given += 1;
      onTurn(number, dueAt);
    }
  }

  /** When the next turn is due. */
  get nextAt(): number {
    return this.#startAt + (this.#given * this.#intervalMs) / this.#count;
  }
}
