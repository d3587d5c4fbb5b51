import type { LoadReport } from '@etcdperf/core/load';
import { watcherCount, writePlanFrom } from '../../flags/watch-flags.ts';
import { watchedKeysFlags } from '../../flags/watched-keys-flags.ts';
import type { WatchExtra } from '../../services/watch/watch-work.ts';
import { WatchCommand } from '../../watch-command.ts';

export default class BenchWatch extends WatchCommand {
  static override summary = 'many watchers on few keys: how fast etcd tells them all';
  static override description =
    'Puts watches in place, one after the other on each stream, then writes the watched keys in turn; it ends when ' +
    'every watcher has every event. As etcd’s own benchmark watch, but for two things: the delivery of each event is ' +
    'timed from when its put was due, where the other shows the time of its own receiving loop; and events that are ' +
    'lost, come twice or out of order are found, by revision, for each watcher. They end the command with 1.';

  static override examples = [
    {
      description: '10 streams of 100 watchers on one key, 1000 puts one after the other',
      command: '<%= config.bin %> <%= command.id %>',
    },
    {
      description: 'peak throughput: 10000 watchers, a million events',
      command:
        '<%= config.bin %> <%= command.id %> --connections 10 --streams 100 --watch-per-stream 100 --put-total 100',
    },
    {
      description: '1000 watchers on 50 keys at 200 puts a second',
      command: '<%= config.bin %> <%= command.id %> --watched-key-total 50 --put-rate 200 --duration 3s --cleanup',
    },
  ];

  static override flags = watchedKeysFlags;

  async run(): Promise<LoadReport & Partial<WatchExtra>> {
    const { flags } = await this.parse(BenchWatch);
    const watchers = watcherCount(flags.streams, flags['watch-per-stream'], '--watch-per-stream');
    const settings = await this.settings({ ...flags, threads: 1 }, writePlanFrom(flags));
    const { keyWatchWork } = await import('../../services/watch/key-watch-work.ts');
    const report = await this.bench(
      settings,
      keyWatchWork({
        prefix: flags.prefix,
        digits: flags['key-size'],
        watchers,
        watchedKeys: flags['watched-key-total'],
        keySpaceSize: flags['key-space-size'] ?? flags['watched-key-total'],
        isSequential: flags['key-space-size'] === undefined || flags['sequential-keys'],
        prevKv: false,
        connections: flags.connections,
        streams: flags.streams,
        values: flags.value,
        valueBytes: flags['val-size'],
        isLagDetailed: false,
      }),
    );
    this.showWatch(report);
    return report;
  }
}
