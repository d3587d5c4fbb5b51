import { durationFlag, Flags, loadPlanFrom } from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import { valueFlags } from '../../flags/key-flags.ts';
import { rateFlag, streamsFlag, watchFlags } from '../../flags/watch-flags.ts';
import type { WatchExtra } from '../../services/watch/watch-work.ts';
import { WatchCommand } from '../../watch-command.ts';

const { total: _total, warmup: _warmup, ...flagsWithoutEnd } = watchFlags;

export default class BenchWatchGet extends WatchCommand {
  static override summary = 'watchers that catch up from an old revision, and reads beside them';
  static override description =
    'Puts a key --events times, then has all watchers ask at once for everything since the first of these puts: each ' +
    'is timed until it has the last (catch-up). Serializable reads go on meanwhile, so that it shows what so many ' +
    'watchers cost others. As etcd’s own benchmark watch-get, which times the reads alone.';

  static override examples = [
    { description: '10000 watchers catch up with 8 events each', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: '2000 watchers on 20 streams and 4 connections, 500 events each, 1000 reads a second meanwhile',
      command:
        '<%= config.bin %> <%= command.id %> --watchers 2000 --streams 20 --connections 4 --events 500 --get-rate 1000 --cleanup',
    },
    {
      description: 'exit code 3 when the slowest watcher takes too long',
      command: "<%= config.bin %> <%= command.id %> --watchers 1000 --threshold 'catch-up.max<10s'",
    },
  ];

  static override flags = {
    ...flagsWithoutEnd,
    ...rateFlag('get', '0'),
    ...streamsFlag(1),
    duration: durationFlag({
      description: 'end after so long, even if watchers are not through',
      default: 600_000,
      defaultHelp: async () => '10m',
    }),
    watchers: Flags.integer({ description: 'how many watchers catch up', default: 10_000, min: 1, max: 10_000_000 }),
    events: Flags.integer({ description: 'how many events each catches up with', default: 8, min: 1, max: 1_000_000 }),
    prefix: Flags.string({
      aliases: ['key-prefix'],
      description: 'what the key begins with; a digit follows',
      default: 'bench/watch-get/',
      helpValue: 'TEXT',
    }),
    'val-size': Flags.integer({
      description: 'bytes of a value',
      default: 8,
      min: 0,
      max: 1_572_864,
      helpValue: 'BYTES',
    }),
    value: valueFlags.value,
  };

  async run(): Promise<LoadReport & Partial<WatchExtra>> {
    const { flags } = await this.parse(BenchWatchGet);
    const own = { warmup: 0, threads: 1 };
    const plan = loadPlanFrom({ ...flags, ...own });
    const connections = Math.min(plan.connections, plan.pace.kind === 'closed' ? plan.clients : plan.maxInFlight);
    const settings = await this.settings({ ...flags, ...own }, { ...plan, connections });
    const { catchUpWork } = await import('../../services/watch/catch-up-work.ts');
    const report = await this.bench(
      settings,
      catchUpWork({
        prefix: flags.prefix,
        watchers: flags.watchers,
        connections: flags.connections,
        streams: flags.streams,
        events: flags.events,
        values: flags.value,
        valueBytes: flags['val-size'],
      }),
    );
    this.showWatch(report);
    return report;
  }
}
