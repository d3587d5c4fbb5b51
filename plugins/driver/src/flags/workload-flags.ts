import { durationFlag, Flags, ruleFlag } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { hourlyRateFlag } from './hourly-rate-flag.ts';
import { secondsFlag } from './seconds-flag.ts';
import { valueSizesFlag } from './value-size-flag.ts';
import { watchCountsFlag } from './watch-counts-flag.ts';

/** A default that is a workload file's to override: shown only. */
const shown = (value: string) => ({ defaultHelp: async () => value });
const MOST_LEVELS = 100;

/**
 * What a driver does to a cluster. None has a default of its own: what is not given is the workload file's, or
 * `completeWorkload`'s. See `workloadFrom`.
 */
export const workloadFlags = {
  workload: Flags.string({
    description: 'a file that says all of this, or the name of one of conf/workloads; what flags say goes before it',
    helpValue: 'FILE',
    helpGroup: 'KEYS',
  }),
  pattern: Flags.string({
    description: "what is written: '/prefix/:ip/%level-%04d[100];[0-9]{140,160}'; see driver:pattern",
    helpValue: 'KEYS;VALUES',
    helpGroup: 'KEYS',
  }),
  rule: ruleFlag({ description: "a rule of your own: 'zone=a,b,c' for :zone in the pattern", helpGroup: 'KEYS' }),
  'val-spec': valueSizesFlag({
    description: 'the smallest and the largest value in bytes, instead of what the pattern says',
    ...shown('0,0: the pattern’s own'),
    helpGroup: 'KEYS',
  }),
  total: Flags.integer({
    description: 'of a pattern with generated levels: keys for each combination of its counted levels; 0: as 1',
    ...shown('1'),
    min: 0,
    helpValue: 'KEYS',
    helpGroup: 'KEYS',
  }),
  'put-rate': hourlyRateFlag({
    description: 'keys written an hour (or 120/s, 60/m) while loading; 0: as fast as --clients get answers',
    ...shown('0'),
    helpGroup: 'KEYS',
  }),
  'skip-init': Flags.boolean({
    description: 'don’t load, the keys are there: for a second driver on the same hierarchy',
    helpGroup: 'KEYS',
  }),
  'churn-level': Flags.integer({
    description: 'delete subtrees at this level, the first is 0, and write them anew',
    ...shown('1'),
    min: 0,
    max: MOST_LEVELS,
    helpValue: 'LEVEL',
    helpGroup: 'CHURN',
  }),
  'churn-level-pct': Flags.custom<number>({
    parse: async (text) => parsePercent(text),
    description: 'which share of the level’s subtrees takes part',
    ...shown('10'),
    helpValue: 'PERCENT',
    helpGroup: 'CHURN',
  })(),
  'churn-level-rate': hourlyRateFlag({
    description: 'subtrees deleted an hour (or 3/s, 60/m); -1 is off',
    ...shown('-1'),
    helpGroup: 'CHURN',
  }),
  'churn-val-rate': hourlyRateFlag({
    description: 'new values for random keys, an hour (or 120/s, 60/m); -1 is off',
    ...shown('-1'),
    helpGroup: 'CHURN',
  }),
  'get-level': Flags.integer({
    description: 'read what is below a random node of this level',
    ...shown('1'),
    min: 0,
    max: MOST_LEVELS,
    helpValue: 'LEVEL',
    helpGroup: 'READS',
  }),
  'get-rate': hourlyRateFlag({
    description: 'such reads an hour (or 120/s, 60/m); -1 is off',
    ...shown('-1'),
    helpGroup: 'READS',
  }),
  'full-get-read': Flags.boolean({
    description: 'all keys below the node, not the first and the count alone',
    helpGroup: 'READS',
  }),
  'get-keys-only': Flags.boolean({ description: 'without values', helpGroup: 'READS' }),
  'serializable-gets': Flags.boolean({
    description: 'from the member that is asked, without a quorum',
    helpGroup: 'READS',
  }),
  'watch-counts-per-level': watchCountsFlag({
    description: 'watchers at each level; n: one for every key there',
    ...shown('none'),
    helpGroup: 'WATCHES',
  }),
  'watch-with-prefix': Flags.boolean({ description: 'watch all keys below a node', helpGroup: 'WATCHES' }),
  'watch-prefix-get-interval': secondsFlag({
    description: 'read what is watched again so often, as a rules engine does; -1 is never',
    ...shown('-1'),
    helpGroup: 'WATCHES',
  }),
  leases: Flags.integer({
    description: 'hold so many leases as long as the driver runs',
    ...shown('0'),
    min: 0,
    helpValue: 'N',
    helpGroup: 'LEASES',
  }),
  'lease-ttl': secondsFlag({ description: 'their time to live', ...shown('2000s'), helpGroup: 'LEASES' }),
  'lease-ramp': secondsFlag({
    description: 'grant them evenly within so long',
    ...shown('at once'),
    helpGroup: 'LEASES',
  }),
  verify: Flags.boolean({
    description: 'look whether etcd keeps what it acknowledged, and whether watchers see every event',
    helpGroup: 'VERIFICATION',
  }),
  'verify-sample': Flags.custom<number>({
    parse: async (text) => parsePercent(text),
    description: 'with --verify: which share of the keys is followed',
    ...shown('100'),
    helpValue: 'PERCENT',
    helpGroup: 'VERIFICATION',
  })(),
  'client-timeout': secondsFlag({
    description: 'a request without an answer for so long is given up',
    ...shown('10s'),
    helpGroup: 'CLIENTS',
  }),
  clients: Flags.integer({
    description: 'callers while loading without a rate, and of what writes churned subtrees anew',
    ...shown('1'),
    min: 1,
    max: 1_000_000,
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  conns: Flags.integer({
    aliases: ['connections'],
    description: 'connections to etcd, spread over the target’s members; also --connections',
    ...shown('1'),
    min: 1,
    max: 100_000,
    helpValue: 'N',
    helpGroup: 'CLIENTS',
  }),
  'etcd-reconnect-count': Flags.integer({
    description: 'a connection is closed and opened anew after so many requests; 0: never',
    ...shown('0'),
    min: 0,
    helpValue: 'REQUESTS',
    helpGroup: 'CLIENTS',
  }),
  duration: durationFlag({
    description: 'end after so long, loading not counted; else with the end key',
    helpGroup: 'CONTROL',
  }),
  seed: Flags.integer({
    description: 'of everything random: the same seed gives the same keys and values',
    ...shown('1'),
    min: 0,
    max: 2 ** 32 - 1,
    helpValue: 'N',
    helpGroup: 'KEYS',
  }),
};

function parsePercent(text: string): number {
  const percent = /^\d+(\.\d+)?\s*%?$/.test(text.trim()) ? Number.parseFloat(text) : Number.NaN;
  if (percent <= 100) return percent;
  throw new InputError(`'${text}' is no share: write 0 to 100`);
}
