import { Flags, loadPlanFrom } from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { keyFlags, keyValuesFrom, valueFlags } from '../../flags/key-flags.ts';
import { NUMBERED_KEYS, patternFlags, patternKeysFrom } from '../../flags/pattern-flags.ts';

export default class BenchTxnPut extends BenchCommand {
  static override summary = 'put several keys in one transaction';
  static override description =
    'Transactions of --txn-ops puts, each of another key: etcd refuses to write a key twice in one. A transaction ' +
    'counts as one request.';

  static override examples = [
    { description: '10 keys at once', command: '<%= config.bin %> <%= command.id %> --txn-ops 10' },
    {
      description: '1000 such transactions a second for 5 s',
      command:
        '<%= config.bin %> <%= command.id %> --txn-ops 10 --val-size 256 --rate 1000 --duration 5s --connections 10 --cleanup',
    },
  ];

  static override flags = {
    ...benchFlags,
    ...keyFlags,
    ...valueFlags,
    ...patternFlags(NUMBERED_KEYS),
    'txn-ops': Flags.integer({
      description: 'puts in a transaction; etcd takes 128 unless its --max-txn-ops is raised',
      default: 1,
      min: 1,
      max: 65_536,
      helpValue: 'PUTS',
    }),
  };

  async run(): Promise<LoadReport> {
    const { flags } = await this.parse(BenchTxnPut);
    const plan = loadPlanFrom(flags);
    const operations = flags['txn-ops'];
    const keyValues = patternKeysFrom(flags, operations) ?? keyValuesFrom(flags, plan.end, operations);
    const settings = await this.settings(flags, plan);
    const { txnPutWork } = await import('../../services/txn-put-work.ts');
    const requests = plan.end.kind === 'total' ? plan.end.requests : undefined;
    const report = await this.bench(settings, txnPutWork({ ...keyValues, operations }, requests));
    this.show(report);
    return report;
  }
}
