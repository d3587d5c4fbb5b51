import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadReport } from '@etcdperf/core/load';
import { type KeyDistribution, parseKeyDistribution } from '@etcdperf/core/workload';
import { evenLevels, parseLevels } from '../../flags/tree-levels.ts';
import { rateFlag, streamsFlag, watchFlags, watchValueFlags, writePlanFrom } from '../../flags/watch-flags.ts';
import type { WatchExtra } from '../../services/watch/watch-work.ts';
import { WatchCommand } from '../../watch-command.ts';

const DEFAULT_RATE = 100;
const MOST_WATCHERS = 10_000_000;

export default class BenchWatchTree extends WatchCommand {
  static override summary = 'watchers on the keys and branches of a tree, while it is written';
  static override description =
    'Watches single keys, and branches (all keys that begin alike), of a tree such as Kubernetes or a configuration ' +
    'has; keys are put and deleted at a rate meanwhile. Each event is timed from when its write was due, was sent and ' +
    'was acknowledged; one that comes before the acknowledgement has a negative lag (delivery-before-ack is by how ' +
    'much). Every watcher must see every write to its keys once and in order: what is lost, comes twice or out of ' +
    'order is found by revision, and ends the command with 1. A compaction that overtakes a watcher is told as ' +
    'that; a connection that breaks is resumed where it was.';

  static override examples = [
    {
      description: '1000 keys in three levels of ten, each watched, and 100 watchers on branches',
      command: '<%= config.bin %> <%= command.id %>',
    },
    {
      description: 'as a cluster of 20 namespaces with 50 objects each, 500 writes a second, some keys hot',
      command:
        '<%= config.bin %> <%= command.id %> --levels 20,50 --branch-watchers 200 --put-rate 500 --duration 3s --key-distribution zipfian --cleanup',
    },
    {
      description: 'branches only, no deletes, exit code 3 when events are slow',
      command:
        "<%= config.bin %> <%= command.id %> --key-watchers 0 --delete-percent 0 --put-total 300 --threshold 'delivery.p99<50ms'",
    },
  ];

  static override flags = {
    ...watchFlags,
    ...rateFlag('put', `${DEFAULT_RATE}/s`),
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

  async run(): Promise<LoadReport & Partial<WatchExtra>> {
    const { flags } = await this.parse(BenchWatchTree);
    const levels = flags.levels ?? evenLevels(flags.depth, flags.fanout);
    const keys = levels.reduce((product, count) => product * count, 1);
    const keyWatchers = flags['key-watchers'] ?? Math.min(keys, 1000);
    const branchWatchers = flags['branch-watchers'];
    if (keyWatchers + branchWatchers === 0)
      throw new InputError('nobody watches', { where: '--key-watchers, --branch-watchers' });
    const settings = await this.settings({ ...flags, threads: 1 }, writePlanFrom(flags, DEFAULT_RATE));
    const { treeWatchWork } = await import('../../services/watch/tree-watch-work.ts');
    const report = await this.bench(
      settings,
      treeWatchWork({
        prefix: flags.prefix,
        levels,
        keyWatchers,
        branchWatchers,
        prevKv: flags.prevkv,
        connections: flags.connections,
        streams: flags.streams,
        distribution: flags['key-distribution'],
        deletePercent: flags['delete-percent'],
        values: flags.value,
        valueBytes: flags['val-size'],
      }),
    );
    this.showWatch(report);
    return report;
  }
}
