import { Args, Flags, loadPlanFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadReport } from '@etcdperf/core/load';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { DEFAULT_PREFIX, keyFlags } from '../../flags/key-flags.ts';
import { consistencyFlag, keySubject, rangeFrom } from '../../flags/read-flags.ts';

const { cleanup: _writesNothing, ...readOnlyFlags } = benchFlags;
// --prefix is a switch here, as in etcd's own benchmark.
const { prefix: _prefix, ...keyNumberFlags } = keyFlags;

/** As Kubernetes reads, and etcd's own benchmark. */
const PAGE_KEYS = 10_000;

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
    ...consistencyFlag,
    limit: Flags.integer({
      description: 'at most so many keys a read; else all',
      default: 0,
      min: 0,
      defaultHelp: async () => 'none',
    }),
    'count-only': Flags.boolean({ description: 'only how many keys there are', exclusive: ['keys-only', 'paginate'] }),
    'keys-only': Flags.boolean({ description: 'keys without their values' }),
    prefix: Flags.boolean({ description: 'all keys that begin with KEY; without KEY: all keys' }),
    paginate: Flags.boolean({
      description: `read in pages of ${PAGE_KEYS} keys at one revision; latency is that of all pages`,
      exclusive: ['limit', 'count-only'],
    }),
    'key-prefix': Flags.string({
      description: '[without KEY] what every key begins with',
      default: DEFAULT_PREFIX,
      helpValue: 'TEXT',
    }),
    ...keyNumberFlags,
  };

  async run(): Promise<LoadReport> {
    const { args, flags } = await this.parse(BenchRange);
    const plan = loadPlanFrom(flags);
    const range = rangeFrom({ ...args, isPrefix: flags.prefix });
    const subject = range ?? keySubject({ ...flags, prefix: flags['key-prefix'] }, plan.end);
    const isSerializable = flags.consistency === 's';
    if (flags.paginate && subject.kind === 'keys')
      throw new InputError('--paginate reads a range: name it with KEY', { where: '--paginate' });
    const settings = await this.settings({ ...flags, cleanup: false }, plan);
    const { rangePagesWork, rangeWork } = await import('../../services/range-work.ts');
    const work =
      flags.paginate && subject.kind === 'fixed'
        ? rangePagesWork({
            range: subject.range,
            pageKeys: PAGE_KEYS,
            isSerializable,
            isKeysOnly: flags['keys-only'],
          })
        : rangeWork({
            subject,
            limit: flags.limit,
            isSerializable,
            isKeysOnly: flags['keys-only'],
            isCountOnly: flags['count-only'],
          });
    const report = await this.bench(settings, work);
    this.show(report);
    return report;
  }
}
