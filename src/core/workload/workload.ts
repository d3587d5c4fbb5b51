/** How many watchers there are at one level of a pattern: so many keys or subtrees of it, or each of them. */
export type WatcherCount = number | 'every';

/** Deletes subtrees of a level and writes them anew. */
export interface SubtreeChurn {
  readonly level: number;
  /** Which share of the level's subtrees takes part, 0 to 100; always the same ones, chosen by the seed. */
  readonly percent: number;
  /** Subtrees deleted per second. */
  readonly ratePerSec: number;
}

/** Reads ranges: all keys below a node of a level; the leaves' level: single keys. */
export interface RangeReads {
  readonly level: number;
  readonly ratePerSec: number;
  readonly keysOnly: boolean;
  readonly serializable: boolean;
  /** All keys below the node, however many; else etcd is asked for the first only, and for the count. */
  readonly full: boolean;
}

export interface TreeWatches {
  /** By level, the first is the pattern's first. */
  readonly perLevel: readonly WatcherCount[];
  /** All keys below a node, not its own key alone. */
  readonly prefix: boolean;
  /** Each watched key or subtree is read again so often, as a rules engine does. */
  readonly rereadIntervalMs: number | undefined;
}

export interface HeldLeases {
  readonly count: number;
  readonly ttlSeconds: number;
  /** Grants are spread over so much time. */
  readonly rampMs: number;
}

export interface Verification {
  /** Which share of the keys is followed, 0 to 100. */
  readonly samplePercent: number;
}

/** What a driver does to a cluster: the same from flags and from a workload file, on a host and in a pod. */
export interface Workload {
  /** `<key pattern>;<value pattern>` */
  readonly pattern: string;
  /** The user's own rules (`:name` in the pattern) and what each stands for. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
  /** In place of the value pattern's own sizes, in bytes. */
  readonly valueBytes: { readonly min: number; readonly max: number } | undefined;
  /** Of a pattern with generated levels: how many keys there are for each combination of its counted levels. */
  readonly keysPerCombination: number;
  /** Loading all keys first, without a rate as fast as `clients` get answers; undefined: they are there already. */
  readonly load: { readonly ratePerSec: number | undefined } | undefined;
  readonly subtreeChurn: SubtreeChurn | undefined;
  /** New values for random keys. */
  readonly valueChurn: { readonly ratePerSec: number } | undefined;
  readonly reads: RangeReads | undefined;
  readonly watches: TreeWatches | undefined;
  readonly leases: HeldLeases | undefined;
  readonly verification: Verification | undefined;
  readonly connections: number;
  /** Callers while loading, where no rate is given; and for what a churned subtree is written anew with. */
  readonly clients: number;
  readonly timeoutMs: number;
  /** A connection is closed and opened anew after so many requests; 0: never. */
  readonly reconnectAfter: number;
  /** After the loading; undefined: until the end key is written. */
  readonly durationMs: number | undefined;
  readonly seed: number;
}
