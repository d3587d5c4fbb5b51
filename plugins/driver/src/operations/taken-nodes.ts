import { Scatter } from '@etcdperf/core/workload';

/**
 * A share of the nodes of a level, the same ones for the same seed, in an order in which neighbours are far apart, round
 * and round. Nothing is kept of them.
 */
export class TakenNodes {
  /** How many there are. */
  readonly count: number;
  readonly #nodes: number;
  readonly #scatter: Scatter;
  readonly #offset: number;

  /**
   * @param nodes of the level
   * @param percent 0 to 100; of one node at least
   */
  constructor(nodes: number, percent: number, seed: number) {
    this.#nodes = nodes;
    this.count = Math.min(nodes, Math.max(1, Math.round((nodes * percent) / 100)));
    this.#scatter = new Scatter(nodes);
    this.#offset = Math.abs(Math.trunc(seed)) % nodes;
  }

  /** The node whose turn it is. */
  at(turn: number): number {
    return this.#scatter.map(((turn % this.count) + this.#offset) % this.#nodes);
  }
}
