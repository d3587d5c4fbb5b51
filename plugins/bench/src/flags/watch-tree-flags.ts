import { Flags } from '@etcdperf/core/cli';
import { type KeyDistribution, parseKeyDistribution } from '@etcdperf/core/workload';
import { parseLevels } from './tree-levels.ts';
import { rateFlag, streamsFlag, watchFlags, watchValueFlags } from './watch-flags.ts';

/** Writes a second unless told otherwise. */
export const TREE_RATE = 100;
const MOST_WATCHERS = 10_000_000;

/** The tree, who watches it, and how it is written. */
export const watchTreeFlags = {
  ...watchFlags,
  ...rateFlag('put', `${TREE_RATE}/s`),
  ...streamsFlag(10),
  depth: Flags.integer({ description: 'levels of the tree; the last are the keys', default: 3, min: 1, max: 32 }),
  fanout: Flags.integer({
    description: 'how many branches, or keys, each branch has below it',
    default: 10,
    min: 1,
    max: 10_000_000,
  }),
  levels: Flags.custom<readonly number[]>({
    parse: async (text) => parseLevels(text),
    description: 'the fanout of each level, instead of --depth and --fanout',
    helpValue: 'N,N,…',
  })(),
  'key-watchers': Flags.integer({
    description: 'watchers of a single key, spread evenly over the keys; else one for each key, 1000 at most',
    min: 0,
    max: MOST_WATCHERS,
    helpValue: 'WATCHERS',
  }),
  'branch-watchers': Flags.integer({
    description: 'watchers of a branch, spread over all levels from the whole tree down',
    default: 100,
    min: 0,
    max: MOST_WATCHERS,
    helpValue: 'WATCHERS',
  }),
  'delete-percent': Flags.integer({
    description: 'how many of the writes delete; deleting what is not there is no event',
    default: 10,
    min: 0,
    max: 100,
    helpValue: 'PERCENT',
  }),
  'key-distribution': Flags.custom<KeyDistribution>({
    parse: async (text) => parseKeyDistribution(text),
    description: 'how writes choose their keys: sequential, uniform, zipfian[:EXPONENT], hotset:KEYS%/REQUESTS%',
    default: { kind: 'uniform' },
    defaultHelp: async () => 'uniform',
    helpValue: 'NAME',
  })(),
  prevkv: Flags.boolean({ description: 'have etcd send the previous value with each event' }),
  prefix: Flags.string({
    aliases: ['key-prefix'],
    description: 'the root: what every key begins with',
    default: 'bench/tree/',
    helpValue: 'TEXT',
  }),
  ...watchValueFlags(32),
};
