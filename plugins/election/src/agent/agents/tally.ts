/** What the agents of a process have been through so far. */
export class Tally {
  connected = 0;
  gaps = 0;
  missed = 0;
  readonly #registered = new Map<number, number>();

  /** One more agent has recorded `round`. */
  register(round: number): void {
    this.#registered.set(round, this.registeredIn(round) + 1);
  }

  registeredIn(round: number): number {
    return this.#registered.get(round) ?? 0;
  }

  /** Agents per round, as JSON has it. */
  registered(): Record<string, number> {
    return Object.fromEntries(this.#registered);
  }
}
