import { exitCodeOf, loadPlanFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { BenchCommand } from '../../../bench-command.ts';
import { checkPerfFlags } from '../../../flags/check-perf-flags.ts';
import { renderCheck } from '../../../render/render-check.ts';
import { LEVEL_NAMES, PERF_LEVELS } from '../../../services/check/check-levels.ts';
import type { CheckReport } from '../../../services/check/check-work.ts';

export default class BenchCheckPerf extends BenchCommand {
  static override summary = 'whether the cluster bears so many writes a second';
  static override description =
    'Puts 1 KiB values at the rate of a level for a minute, and passes the cluster when nothing failed, more than 90 % of ' +
    'the rate was reached, the slowest put took at most 500 ms, and the standard deviation is at most 100 ms: the levels ' +
    'and limits of etcdctl check perf. Exit code 3 when it fails.\n\n' +
    'Levels: s 150 writes/s with 50 clients, m 1000 with 200, l 8000 with 500, xl 15000 with 1000. Rate, clients, ' +
    'duration and limits can be one’s own.\n\n' +
    'Unlike etcdctl’s, a put’s latency counts from when it was due, so that a stall of etcd shows as long as it was; and ' +
    'percentiles are told. The keys go below --prefix, which has to be empty before, and are deleted afterwards, also ' +
    'after Ctrl-C.';

  static override examples = [
    { description: 'the small level, as etcdctl check perf', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'a larger one, and leave no trace of it',
      command: '<%= config.bin %> <%= command.id %> --load m --auto-compact --auto-defrag',
    },
    {
      description: 'one’s own: 500 writes a second for 5 s, none slower than 50 ms',
      command: '<%= config.bin %> <%= command.id %> --rate 500 --clients 100 --duration 5s --limit-slowest 50ms',
    },
  ];

  static override flags = checkPerfFlags;

  async run(): Promise<CheckReport> {
    const { flags } = await this.parse(BenchCheckPerf);
    const level = PERF_LEVELS[LEVEL_NAMES[flags.load]];
    const { duration, clients = level.clients, rate = { kind: 'open', ratePerSec: level.ratePerSec } } = flags;
    if (rate.kind === 'closed') throw new InputError('a check is made at a rate: 0 is none', { where: '--rate' });
    const { connections = clients } = flags;
    const load = { ...flags, rate, clients, connections, total: undefined, warmup: 0, cleanup: true };
    const settings = await this.settings(load, loadPlanFrom(load));
    const [{ checkWork }, { judgePerf }, { requireEmptyPrefix }] = await Promise.all([
      import('../../../services/check/check-work.ts'),
      import('../../../services/check/judge-perf.ts'),
      import('../../../services/check/require-empty-prefix.ts'),
    ]);
    await requireEmptyPrefix(settings.access, flags.prefix, this.signal);
    const limits = {
      ratePercent: flags['limit-rate'],
      slowestMs: flags['limit-slowest'],
      stddevMs: flags['limit-stddev'],
    };
    const work = checkWork({
      // So many that hardly two are the same, of the length that etcdctl's have.
      keys: { prefix: flags.prefix, digits: 256, size: 1e12 },
      isSequential: false,
      valueBytes: 1024,
      requests: Math.round((rate.ratePerSec * duration) / 1000),
      isCompacted: flags['auto-compact'],
      isDefragmented: flags['auto-defrag'],
      judge: (report) => judgePerf(report, rate.ratePerSec, limits),
    });
    const report = await this.bench(settings, work);
    this.show(report, renderCheck(report));
    if (exitCodeOf(report) === 0 && report.check?.verdict === 'fail') this.endWith(3);
    return report;
  }
}
