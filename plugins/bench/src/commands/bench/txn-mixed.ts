import { Args, Flags, loadPlanFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadReport } from '@etcdperf/core/load';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { keyFlags, keyValuesFrom, valueFlags } from '../../flags/key-flags.ts';
import { consistencyFlag, keySubject, rangeFrom } from '../../flags/read-flags.ts';

export default class BenchTxnMixed extends BenchCommand {
  static override summary = 'transactions that read and transactions that write, mixed';
  static override description =
    'Each transaction reads a range or puts one key of the key space, at random in the ratio --rw-ratio. Reads and ' +
    'writes have figures of their own. What is read: KEY, or the range from KEY to END; without KEY all keys, up to ' +
    '--limit; with --single-keys one key of the key space, chosen like those that are written.';

  static override examples = [
    {
      description: 'three reads for each write, of single keys',
      command: '<%= config.bin %> <%= command.id %> --single-keys --rw-ratio 3 --connections 10 --clients 100',
    },
    {
      description: 'reads of up to 100 keys from bench/00000000 on',
      command: '<%= config.bin %> <%= command.id %> bench/00000000 --end-key bench/00001000 --limit 100 --cleanup',
    },
  ];

  static override args = {
    key: Args.string({ description: 'the key that is read, or where the range begins', name: 'KEY' }),
    end: Args.string({ description: 'where the range ends, as --end-key', name: 'END' }),
  };

  static override flags = {
    ...benchFlags,
    ...consistencyFlag,
    'end-key': Flags.string({ description: 'where the range that is read ends', helpValue: 'KEY' }),
    limit: Flags.integer({ description: 'at most so many keys a read; 0: all', default: 1000, min: 0 }),
    'rw-ratio': Flags.custom<number>({
      parse: async (text) => parseRatio(text),
      description: 'reads for each write; 0: only writes',
      default: 1,
      helpValue: 'NUMBER',
    })(),
    'single-keys': Flags.boolean({ description: 'read single keys of the key space', exclusive: ['end-key'] }),
    ...keyFlags,
    ...valueFlags,
  };

  async run(): Promise<LoadReport> {
    const { args, flags } = await this.parse(BenchTxnMixed);
    const plan = loadPlanFrom(flags);
    const writes = keyValuesFrom(flags, plan.end);
    const { key, end: endArgument } = args;
    const { 'end-key': endFlag, 'single-keys': isSingle, limit } = flags;
    if (endArgument !== undefined && endFlag !== undefined)
      throw new InputError('END and --end-key say the same: give one of them', { where: 'END, --end-key' });
    if (isSingle && key !== undefined)
      throw new InputError('--single-keys chooses the keys that are read, and KEY names one', {
        where: 'KEY, --single-keys',
      });
    const end = endArgument ?? endFlag;
    const subject = isSingle
      ? keySubject(flags, plan.end)
      : rangeFrom({ key: key ?? '\0', end: end ?? (key === undefined ? '' : undefined), isPrefix: false })!;
    const settings = await this.settings(flags, plan);
    const { txnMixedWork } = await import('../../services/txn-mixed-work.ts');
    const report = await this.bench(
      settings,
      txnMixedWork({
        subject,
        limit,
        isSerializable: flags.consistency === 's',
        writes,
        readsPerWrite: flags['rw-ratio'],
      }),
    );
    this.show(report);
    return report;
  }
}

function parseRatio(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InputError(`'${text}' is no ratio: write how many reads there are for each write, such as 3 or 0.5`, {
    where: '--rw-ratio',
  });
}
