import { InputError } from '@etcdperf/core/errors';
import type { LoadReport } from '@etcdperf/core/load';
import { evenLevels } from '../../flags/tree-levels.ts';
import { writePlanFrom } from '../../flags/watch-flags.ts';
import { TREE_RATE, watchTreeFlags } from '../../flags/watch-tree-flags.ts';
import type { WatchExtra } from '../../services/watch/watch-work.ts';
import { WatchCommand } from '../../watch-command.ts';

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

  static override flags = watchTreeFlags;

  async run(): Promise<LoadReport & Partial<WatchExtra>> {
    const { flags } = await this.parse(BenchWatchTree);
    const levels = flags.levels ?? evenLevels(flags.depth, flags.fanout);
    const keys = levels.reduce((product, count) => product * count, 1);
    const keyWatchers = flags['key-watchers'] ?? Math.min(keys, 1000);
    const branchWatchers = flags['branch-watchers'];
    if (keyWatchers + branchWatchers === 0)
      throw new InputError('nobody watches', { where: '--key-watchers, --branch-watchers' });
    const settings = await this.settings({ ...flags, threads: 1 }, writePlanFrom(flags, TREE_RATE));
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
