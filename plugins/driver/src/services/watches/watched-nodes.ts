import { InputError } from '@etcdperf/core/errors';
import type { PatternSpace, TreeWatches, WatcherCount } from '@etcdperf/core/workload';

const MOST_WATCHERS = 10_000_000;

/**
 * Who watches what, by numbers alone: watcher n watches node `nodeOf(n)` of level `levelOf(n)`. Those of a level follow
 * each other and are spread evenly over its nodes, always the same ones; more watchers than nodes share them.
 */
export class WatchedNodes {
  readonly watchers: number;
  /** They see all keys below their node; else only the node's own key. */
  readonly prefix: boolean;
  /** By level: the number of its first watcher, how many it has, and how many nodes. */
  readonly #firsts: number[] = [];
  readonly #counts: number[] = [];
  readonly #nodes: number[] = [];

  /** Throws InputError for watchers on a level that isn't there, and for more than any machine has memory for. */
  constructor(space: Pick<PatternSpace, 'nodesAt'>, { perLevel, prefix }: TreeWatches) {
    this.prefix = prefix;
    let count = 0;
    perLevel.forEach((watchers: WatcherCount, level) => {
      // A level that nobody watches need not be there.
      const nodes = watchers === 0 ? 1 : space.nodesAt(level);
      this.#firsts.push(count);
      this.#counts.push(watchers === 'every' ? nodes : watchers);
      this.#nodes.push(nodes);
      count += watchers === 'every' ? nodes : watchers;
    });
    if (count > MOST_WATCHERS) throw new InputError(`${count} watchers are more than ${MOST_WATCHERS}`);
    this.watchers = count;
  }

  levelOf(watcher: number): number {
    let level = this.#firsts.length - 1;
    while (this.#firsts[level]! > watcher) level -= 1;
    return level;
  }

  nodeOf(watcher: number): number {
    const level = this.levelOf(watcher);
    const place = watcher - this.#firsts[level]!;
    return Math.floor((place * this.#nodes[level]!) / this.#counts[level]!);
  }
}
