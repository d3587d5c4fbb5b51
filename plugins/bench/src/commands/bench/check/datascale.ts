import { exitCodeOf, loadPlanFrom } from '@etcdperf/core/cli';
import { BenchCommand } from '../../../bench-command.ts';
import { checkDatascaleFlags } from '../../../flags/check-datascale-flags.ts';
import { renderCheck } from '../../../render/render-check.ts';
import { DATASCALE_LEVELS, LEVEL_NAMES } from '../../../services/check/check-levels.ts';
import type { CheckReport } from '../../../services/check/check-work.ts';

export default class BenchCheckDatascale extends BenchCommand {
  static override summary = 'what memory and disk it costs the members to hold so many keys';
  static override description =
    'Puts as many keys as a level has, of 512 bytes with values of 512 bytes, as fast as etcd takes them, and tells by how ' +
    'much each member’s memory and database grew: etcdctl check datascale, for all members and not only the first. It ' +
    'passes when every put succeeded and every member told its figures, and where limits are given, when they are kept. ' +
    'Exit code 3 when it fails.\n\n' +
    'Levels: s 10000 keys with 50 clients, m 100000 with 200, l 1000000 with 500, xl 3000000 with 1000; or --keys.\n\n' +
    'The keys go below --prefix, which has to be empty before, and are deleted afterwards, also after Ctrl-C. etcd keeps ' +
    'the disk space, and most of the memory, until it is compacted and defragmented: --auto-compact --auto-defrag.';

  static override examples = [
    { description: '10000 keys, as etcdctl check datascale', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'one’s own: 20000 keys, at most 200 MB of memory, and leave no trace of it',
      command:
        '<%= config.bin %> <%= command.id %> --keys 20000 --clients 100 --connections 10 --limit-memory 200 --auto-compact --auto-defrag',
    },
  ];

  static override flags = checkDatascaleFlags;

  async run(): Promise<CheckReport> {
    const { flags } = await this.parse(BenchCheckDatascale);
    const level = DATASCALE_LEVELS[LEVEL_NAMES[flags.load]];
    const { keys: total = level.keys, clients = level.clients } = flags;
    const { connections = clients } = flags;
    const load = { ...flags, clients, connections, total, duration: undefined, warmup: 0, cleanup: true };
    const settings = await this.settings(load, loadPlanFrom(load));
    const [{ checkWork }, { judgeDatascale }, { requireEmptyPrefix }] = await Promise.all([
      import('../../../services/check/check-work.ts'),
      import('../../../services/check/judge-datascale.ts'),
      import('../../../services/check/require-empty-prefix.ts'),
    ]);
    await requireEmptyPrefix(settings.access, flags.prefix, this.signal);
    const limits = { memoryMb: flags['limit-memory'], dbMb: flags['limit-db'] };
    const work = checkWork({
      keys: { prefix: flags.prefix, digits: flags['key-size'], size: total },
      isSequential: true,
      valueBytes: flags['val-size'],
      requests: total,
      isCompacted: flags['auto-compact'],
      isDefragmented: flags['auto-defrag'],
      judge: (report) => judgeDatascale(report, limits),
    });
    const report = await this.bench(settings, work);
    this.show(report, renderCheck(report));
    if (exitCodeOf(report) === 0 && report.check?.verdict === 'fail') this.endWith(3);
    return report;
  }
}
