import type { WatchTarget } from '@etcdperf/core/wire';
import type { WatchKeySpace } from './watch-keys.ts';

/** Who watches what. A range is a key or a branch that somebody watches. */
export interface WatchPlan {
  readonly keys: WatchKeySpace;
  /** Of each watcher. Those of one range share the object. */
  readonly targets: readonly WatchTarget[];
  /** Of each watcher, the number of its range. */
  readonly rangeOf: Int32Array;
  /** How many ranges there are. */
  readonly ranges: number;
  /** The ranges that a write to this key shows in. */
  rangesOf(key: number): readonly number[];
  /** Whether there are keys that more than one range is over. */
  readonly isNested: boolean;
}

/**
 * Watchers of single keys: watcher n watches the n-th of `watched`, which begins again at its end. A key that is there
 * twice is one range.
 */
export function planKeyWatchers(
  keys: WatchKeySpace,
  watched: readonly number[],
  watchers: number,
  options: Pick<WatchTarget, 'prevKv' | 'startRevision'> = {},
): WatchPlan {
  const ranges = new Ranges(keys);
  return ranges.plan(
    Array.from({ length: watchers }, (_, watcher) => ranges.ofKey(watched[watcher % watched.length]!)),
    options,
  );
}

/**
 * Watchers of single keys, spread evenly over them, and of branches, which take turns from the root down to the branches
 * right above the keys. Both kinds are mixed, so that every stream has some of each.
 */
export function planTreeWatchers(
  keys: WatchKeySpace,
  watchers: { readonly keys: number; readonly branches: number },
  options: Pick<WatchTarget, 'prevKv'> = {},
): WatchPlan {
  const ranges = new Ranges(keys);
  const depth = keys.levels.length;
  const ofKeys = Array.from({ length: watchers.keys }, (_, index) =>
    ranges.ofKey(Math.floor((index * keys.size) / watchers.keys)),
  );
  const ofBranches = Array.from({ length: watchers.branches }, (_, index) => {
    const level = index % depth;
    return ranges.ofBranch(level, Math.floor(index / depth) % keys.branches(level));
  });
  return ranges.plan(mix(ofKeys, ofBranches), options);
}

/** Numbers ranges as they are asked for. */
class Ranges {
  readonly #keys: WatchKeySpace;
  readonly #targets: WatchTarget[] = [];
  readonly #ofKey = new Map<number, number>();
  readonly #ofBranch: Map<number, number>[];

  constructor(keys: WatchKeySpace) {
    this.#keys = keys;
    this.#ofBranch = keys.levels.map(() => new Map());
  }

  ofKey(key: number): number {
    return this.#number(this.#ofKey, key, () => ({ key: this.#keys.key(key) }));
  }

  ofBranch(level: number, branch: number): number {
    return this.#number(this.#ofBranch[level]!, branch, () => ({
      key: this.#keys.branch(level, branch),
      prefix: true,
    }));
  }

  plan(rangeOf: readonly number[], options: Pick<WatchTarget, 'prevKv' | 'startRevision'>): WatchPlan {
    const keys = this.#keys;
    // Looked up for each write: made once for each key.
    const rangesOfKeys = new Map<number, readonly number[]>();
    const find = (key: number) => {
      const above = this.#ofBranch.map((branches, level) => branches.get(keys.branchOf(level, key)));
      return [this.#ofKey.get(key), ...above].filter((range) => range !== undefined);
    };
    const targets = this.#targets.map((target) => ({ ...target, ...options }));
    return {
      keys,
      targets: rangeOf.map((range) => targets[range]!),
      rangeOf: Int32Array.from(rangeOf),
      ranges: targets.length,
      isNested: this.#ofBranch.some(({ size }) => size > 0),
      rangesOf: (key) => {
        let found = rangesOfKeys.get(key);
        if (found === undefined) {
          found = find(key);
          rangesOfKeys.set(key, found);
        }
        return found;
      },
    };
  }

  #number(numbers: Map<number, number>, item: number, target: () => WatchTarget): number {
    const known = numbers.get(item);
    if (known !== undefined) return known;
    const number = this.#targets.length;
    this.#targets.push(target());
    numbers.set(item, number);
    return number;
  }
}

/** Two lists as one, each in its order, evenly mixed. */
function mix(some: readonly number[], others: readonly number[]): number[] {
  const all: number[] = [];
  let next = 0;
  some.forEach((item, index) => {
    all.push(item);
    for (; next * some.length < (index + 1) * others.length; next += 1) all.push(others[next]!);
  });
  return [...all, ...others.slice(next)];
}
