import { loadPlanFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadReport } from '@etcdperf/core/load';
import { BenchCommand } from '../../bench-command.ts';
import { keyValuesFrom } from '../../flags/key-flags.ts';
import { stmFlags } from '../../flags/stm-flags.ts';
import { ISOLATION_LETTERS } from '../../operations/stm/isolation.ts';
import { renderStm } from '../../render/render-stm.ts';

export default class BenchStm extends BenchCommand {
  static override summary = 'transactions that are tried again until nobody is in their way';
  static override description =
    'Each transaction reads --keys-per-txn keys and writes --txn-wr-percent of them, all at once when it is committed; ' +
    'when somebody changed what it read, it is tried again (software transactional memory, as etcd’s client has it). ' +
    'Its latency is that of all its attempts. Conflicts, attempts and transactions that needed more than one are counted.\n\n' +
    'Isolations: c (read committed) commits whatever others did; r (repeatable reads) only if all that was read is ' +
    'unchanged; s (serializable) moreover reads a single revision; ss (serializable snapshot) moreover refuses to ' +
    'overwrite what changed unread since.\n\n' +
    '--stm-locker holds a lock around each transaction: lock-client takes it with transactions and a watch, lock-rpc ' +
    'asks etcd’s own lock service. Waiting for the lock is part of the latency.\n\n' +
    'Percentages of few keys come out right on average: half of one key is one write in every other transaction ' +
    '(etcd’s own benchmark rounds it down to none).';

  static override examples = [
    {
      description: 'one after the other, on a single key',
      command: '<%= config.bin %> <%= command.id %> --total 2000',
    },
    {
      description: '20 callers in each other’s way on 10 keys',
      command:
        '<%= config.bin %> <%= command.id %> --isolation s --keys 10 --keys-per-txn 3 --connections 10 --clients 20 --total 2000',
    },
    {
      description: 'the same kept apart by a lock, at 200 transactions a second',
      command:
        '<%= config.bin %> <%= command.id %> --keys 10 --keys-per-txn 3 --stm-locker lock-client --rate 200 --duration 5s --cleanup',
    },
  ];

  static override flags = stmFlags;

  async run(): Promise<LoadReport> {
    const { flags } = await this.parse(BenchStm);
    const plan = loadPlanFrom(flags);
    const { keys: size, 'keys-per-txn': keysPerTxn, 'stm-locker': locker, prefix } = flags;
    if (keysPerTxn > size)
      throw new InputError(`a transaction can't read ${keysPerTxn} different keys when there are ${size}`, {
        where: '--keys-per-txn, --keys',
      });
    const keyValues = keyValuesFrom(
      { ...flags, 'key-size': 8, 'key-space-size': size, 'sequential-keys': false },
      plan.end,
    );
    const settings = await this.settings(flags, plan);
    const { stmWork } = await import('../../services/stm-work.ts');
    const work = stmWork({
      ...keyValues,
      isolation: ISOLATION_LETTERS[flags.isolation],
      keysPerTxn,
      writePercent: flags['txn-wr-percent'],
      lock: locker === 'stm' ? undefined : { kind: locker, name: `${prefix}lock` },
    });
    const report = await this.bench(settings, work);
    this.show(report, renderStm(report));
    return report;
  }
}
