import { BaseCommand, chooseRunsDir, Flags, findInventory, runsDirFlag } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { checkWindow, clusterArg, logFlags, sinceFlag } from '../../flags/log-flags.ts';
import type { ErrorsReport } from '../../services/errors/errors-report.ts';

const HOUR_MS = 3_600_000;
const AXES = ['kind', 'member', 'minute'] as const;

export default class HarnessErrors extends BaseCommand {
  static override summary = 'what went wrong in a time window, by kind, member and minute, beside another cluster';
  static override description =
    'Reads the members’ logs (of etcd 3.4 to 3.6) and sums up slow applies and fsyncs, lost leaders and elections, broken ' +
    'connections between members, refused requests and connections, a full database, crashes and restarts: how many, the ' +
    'worst, first and last time, a line of each. With --neighbour it says whether only this cluster struggled, or the ' +
    'ground under both in the same minutes. What the log level in use can’t show is said; the members’ own counters since ' +
    'their start stand beside it.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --since 6h --by minute',
    '<%= config.bin %> <%= command.id %> --from etcd-0.log etcd-1.log.gz --json',
  ];

  static override args = clusterArg;

  static override flags = {
    since: sinceFlag('; else an hour, with --from all there is'),
    ...logFlags,
    by: Flags.option({ options: AXES, default: 'kind', description: 'what the table’s rows are' })(),
    from: Flags.string({
      description: 'logs gathered before instead: a run of harness:logs (id or folder), or files, also .gz',
      multiple: true,
      helpValue: 'RUN|FILE',
    }),
    ...runsDirFlag,
  };

  async run(): Promise<ErrorsReport> {
    const { args, flags } = await this.parse(HarnessErrors);
    const { since, until, from, neighbour, unit } = flags;
    if (from !== undefined && (args.cluster !== undefined || neighbour !== undefined))
      throw new InputError('the logs of --from say which clusters they are of', { where: '--from' });
    const untilMs = until ?? (from === undefined ? Date.now() : undefined);
    const sinceMs = since ?? (from === undefined ? (until ?? Date.now()) - HOUR_MS : undefined);
    checkWindow(sinceMs, untilMs);
    const [{ sumErrors }, { renderErrors }] = await Promise.all([
      import('../../services/errors/sum-errors.ts'),
      import('../../render/errors-report.ts'),
    ]);
    const inventory = await findInventory(flags);
    const window = { sinceMs, untilMs, signal: this.signal };
    let report: ErrorsReport;
    if (from !== undefined) {
      const { savedLogs } = await import('../../services/errors/saved-logs.ts');
      report = await sumErrors(await savedLogs(from, await chooseRunsDir(flags, inventory)), window);
    } else {
      const [{ openClusters }, { liveLogs }] = await Promise.all([
        import('../../services/logs/open-clusters.ts'),
        import('../../services/errors/live-logs.ts'),
      ]);
      const choices = { acceptNew: flags['accept-new'], signal: this.signal };
      await using opened = await openClusters({ inventory, name: args.cluster, neighbour }, choices);
      this.progress.step(`reading the logs of ${opened.names.join(' and ')}`);
      const logs = opened.clusters.map((cluster) => liveLogs(cluster, { unit, signal: this.signal }));
      report = await sumErrors(logs, window);
    }
    this.print(renderErrors(report, flags.by));
    const isPart = report.clusters.some(({ members }) => members.some(({ failure }) => failure !== undefined));
    if (isPart) this.endWith(1);
    return report;
  }
}
