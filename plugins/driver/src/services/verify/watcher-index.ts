import type { PatternSpace } from '@etcdperf/core/workload';
import type { WatchedNodes } from './watch-observer.ts';

interface WatchedLevel {
  readonly keysBelow: number;
  /** Ascending, one for each watcher. */
  readonly nodes: Float64Array;
  readonly watchers: Int32Array;
}

/** Which watchers see a key: 12 bytes for each watcher, however many keys there are. */
export class WatcherIndex {
  readonly #levels: readonly WatchedLevel[];

  constructor(space: Pick<PatternSpace, 'keysBelow' | 'levels'>, nodes: WatchedNodes) {
    const last = space.levels.length - 1;
    const counts = space.levels.map(() => 0);
    for (let watcher = 0; watcher < nodes.watchers; watcher += 1) counts[nodes.levelOf(watcher)]! += 1;
    const lists = counts.map((count) => new Int32Array(count));
    counts.fill(0);
    for (let watcher = 0; watcher < nodes.watchers; watcher += 1) {
      const level = nodes.levelOf(watcher);
      lists[level]![counts[level]!] = watcher;
      counts[level]! += 1;
    }
    this.#levels = lists.flatMap((watchers, level) => {
      // A node that is no leaf has no key of its own.
      if (watchers.length === 0 || (!nodes.prefix && level < last)) return [];
      watchers.sort((a, b) => nodes.nodeOf(a) - nodes.nodeOf(b));
      return [
        { keysBelow: space.keysBelow(level), nodes: Float64Array.from(watchers, (w) => nodes.nodeOf(w)), watchers },
      ];
    });
  }

  /** Calls for each watcher that sees the key. */
  each(key: number, tell: (watcher: number) => void): void {
    for (const { keysBelow, nodes, watchers } of this.#levels) {
      const node = Math.floor(key / keysBelow);
      for (let at = lowerBound(nodes, node); at < nodes.length && nodes[at] === node; at += 1) tell(watchers[at]!);
    }
  }
}

function lowerBound(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
