import { Args, loadPlanFrom } from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { keyFlags, keyValuesFrom, valueFlags } from '../../flags/key-flags.ts';
import { mixedFlags, mixedSubject } from '../../flags/mixed-flags.ts';

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
    ...mixedFlags,
    ...keyFlags,
    ...valueFlags,
  };

  async run(): Promise<LoadReport> {
    const { args, flags } = await this.parse(BenchTxnMixed);
    const plan = loadPlanFrom(flags);
    const writes = keyValuesFrom(flags, plan.end);
    const subject = mixedSubject(args, flags, plan.end);
    const settings = await this.settings(flags, plan);
    const { txnMixedWork } = await import('../../services/txn-mixed-work.ts');
    const report = await this.bench(
      settings,
      txnMixedWork({
        subject,
        limit: flags.limit,
        isSerializable: flags.consistency === 's',
        writes,
        readsPerWrite: flags['rw-ratio'],
      }),
    );
    this.show(report);
    return report;
  }
}
