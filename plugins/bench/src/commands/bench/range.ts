import { Args, loadPlanFrom } from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { PAGE_KEYS, rangeFlags, rangeNeeded, rangeSubject } from '../../flags/range-flags.ts';

const { cleanup: _writesNothing, ...readOnlyFlags } = benchFlags;

export default class BenchRange extends BenchCommand {
  static override summary = 'read keys and ranges';
  static override description =
    'Reads KEY, or the range from KEY to END (which is not part of it), again and again. Without KEY it reads single ' +
    'keys of a key space, chosen at random unless told otherwise: those that bench:put writes with the same flags. ' +
    'Keys and bytes that come back are counted. Writes nothing.';

  static override examples = [
    {
      description: 'single keys, after etcdperf bench:put --sequential-keys',
      command:
        '<%= config.bin %> <%= command.id %> --key-space-size 10000 --connections 10 --clients 100 --total 20000',
    },
    {
      description: 'all keys below bench/, from one member alone',
      command: '<%= config.bin %> <%= command.id %> bench/ --prefix --consistency s --total 20',
    },
    {
      description: 'the same in pages of 10000 keys, as Kubernetes reads',
      command: '<%= config.bin %> <%= command.id %> bench/ --prefix --paginate --total 10',
    },
    {
      description: 'how many there are in a range',
      command: '<%= config.bin %> <%= command.id %> bench/00000000 bench/00001000 --count-only --total 100',
    },
  ];

  static override args = {
    key: Args.string({ description: 'the key, or where the range begins', name: 'KEY' }),
    end: Args.string({ description: "where the range ends; '' is the end of all keys", name: 'END' }),
  };

  static override flags = {
    ...readOnlyFlags,
    ...rangeFlags,
  };

  async run(): Promise<LoadReport> {
    const { args, flags } = await this.parse(BenchRange);
    const plan = loadPlanFrom(flags);
    const subject = rangeSubject(args, flags, plan.end);
    const how = { isSerializable: flags.consistency === 's', isKeysOnly: flags['keys-only'] };
    const settings = await this.settings({ ...flags, cleanup: false }, plan);
    const works = await import('../../services/range-work.ts');
    const work = flags.paginate
      ? works.rangePagesWork({ ...how, range: rangeNeeded('--paginate', subject), pageKeys: PAGE_KEYS })
      : flags.stream
        ? works.rangeStreamWork({
            ...how,
            range: rangeNeeded('--stream', subject),
            limit: flags.limit,
            timeoutMs: plan.timeoutMs,
          })
        : works.rangeWork({ ...how, subject, limit: flags.limit, isCountOnly: flags['count-only'] });
    const report = await this.bench(settings, work);
    this.show(report);
    return report;
  }
}
