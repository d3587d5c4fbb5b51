import { Flags } from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import {
  rateFlag,
  streamsFlag,
  watcherCount,
  watchFlags,
  watchKeyFlags,
  watchValueFlags,
  writePlanFrom,
} from '../../flags/watch-flags.ts';
import type { WatchExtra } from '../../services/watch/watch-work.ts';
import { WatchCommand } from '../../watch-command.ts';

const DEFAULT_RATE = 100;

export default class BenchWatchLatency extends WatchCommand {
  static override summary = 'how long events take from a put to its watchers';
  static override description =
    'Puts one key at a rate while it is watched, and times each event from three moments: from when its put was due ' +
    '(delivery), from when it was sent, and from when it was acknowledged. Events that come before the acknowledgement ' +
    'have a negative lag, and are shown so: delivery-before-ack is by how much. etcd’s own benchmark watch-latency ' +
    'counts from the acknowledgement alone and rounds these up to zero.';

  static override examples = [
    {
      description: '100 watchers on 10 streams, 100 puts a second for 10 s',
      command: '<%= config.bin %> <%= command.id %>',
    },
    {
      description: 'exit code 3 when events are slow',
      command:
        "<%= config.bin %> <%= command.id %> --put-rate 500 --duration 3s --threshold 'delivery.p99<20ms' --cleanup",
    },
    {
      description: 'with the previous value in each event, 1 KiB values',
      command: '<%= config.bin %> <%= command.id %> --prevkv --val-size 1024 --put-total 200',
    },
  ];

  static override flags = {
    ...watchFlags,
    ...rateFlag('put', `${DEFAULT_RATE}/s`),
    ...streamsFlag(10),
    'watchers-per-stream': Flags.integer({
      description: 'watchers on each stream',
      default: 10,
      min: 1,
      helpValue: 'WATCHERS',
    }),
    prevkv: Flags.boolean({ description: 'have etcd send the previous value with each event' }),
    ...watchKeyFlags('bench/watch-latency/'),
    ...watchValueFlags(32),
  };

  async run(): Promise<LoadReport & Partial<WatchExtra>> {
    const { flags } = await this.parse(BenchWatchLatency);
    const watchers = watcherCount(flags.streams, flags['watchers-per-stream'], '--watchers-per-stream');
    const settings = await this.settings({ ...flags, threads: 1 }, writePlanFrom(flags, DEFAULT_RATE));
    const { keyWatchWork } = await import('../../services/watch/key-watch-work.ts');
    const report = await this.bench(
      settings,
      keyWatchWork({
        prefix: flags.prefix,
        digits: flags['key-size'],
        watchers,
        watchedKeys: 1,
        keySpaceSize: 1,
        isSequential: true,
        prevKv: flags.prevkv,
        connections: flags.connections,
        streams: flags.streams,
        values: flags.value,
        valueBytes: flags['val-size'],
        isLagDetailed: true,
      }),
    );
    this.showWatch(report);
    return report;
  }
}
