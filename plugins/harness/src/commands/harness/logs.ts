import { BaseCommand, Flags, findInventory, startRun } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { checkWindow, clusterArg, logFlags, regexFlag, sinceFlag } from '../../flags/log-flags.ts';
import type { LogsReport } from '../../services/logs/logs-report.ts';

/** What --follow begins with, as `tail -f`. */
const FOLLOWED_FROM = 10;

export default class HarnessLogs extends BaseCommand {
  static override summary = "members' logs, gathered into a run folder";
  static override description =
    'One file for each member, with whole lines as etcd wrote them: from the hosts’ files, from the journal where members ' +
    'run as a systemd unit of their own, from pods (also of the container before the present one). What is lost is said: ' +
    'Kubernetes keeps a log only as long as its pod. With --grep or --last the lines are shown too, all members’ in one ' +
    'order. --follow shows what comes until Ctrl-C, which ends it with exit code 130; what was gathered is kept.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --since 1h',
    '<%= config.bin %> <%= command.id %> --follow',
    "<%= config.bin %> <%= command.id %> --since 10m --grep 'lost leader|elected leader'",
  ];

  static override args = clusterArg;

  static override flags = {
    since: sinceFlag('; else all there is'),
    ...logFlags,
    member: Flags.string({ description: 'only this member', helpValue: 'NAME' }),
    grep: regexFlag({ description: 'only lines that it matches' }),
    last: Flags.integer({ description: 'only the newest lines of each member', min: 1, helpValue: 'N' }),
    follow: Flags.boolean({ description: 'go on with what comes, until Ctrl-C' }),
    'runs-dir': Flags.string({
      aliases: ['output'],
      description: 'where the run folder goes; else what the inventory says, else ./runs; also --output',
      helpValue: 'DIR',
    }),
  };

  async run(): Promise<LogsReport> {
    const { args, flags } = await this.parse(HarnessLogs);
    const { since: sinceMs, until: untilMs, follow, grep, member, neighbour, unit } = flags;
    checkWindow(sinceMs, untilMs);
    if (follow && untilMs !== undefined)
      throw new InputError('--follow goes on until Ctrl-C', { where: '--until', hint: 'leave one of the two out' });
    const [{ openClusters }, { chooseMembers, gatherLogs }, { renderLogsReport }, { LiveLines }] = await Promise.all([
      import('../../services/logs/open-clusters.ts'),
      import('../../services/logs/gather-logs.ts'),
      import('../../render/logs-report.ts'),
      import('../../render/live-lines.ts'),
    ]);
    const inventory = await findInventory(flags);
    const choices = { acceptNew: flags['accept-new'], signal: this.signal };
    await using opened = await openClusters({ inventory, name: args.cluster, neighbour }, choices);
    chooseMembers(opened.clusters, member);
    const last = flags.last ?? (follow && sinceMs === undefined ? FOLLOWED_FROM : undefined);
    const config = { ...flags, grep: grep?.source, cluster: opened.names[0], neighbour };
    const run = await startRun('harness:logs', this.config.version, config, inventory);
    const live = new LiveLines({ isColoured: process.stdout.isTTY === true, names: opened.memberNames });
    const isShown = follow || grep !== undefined || flags.last !== undefined;
    let status: 'done' | 'failed' | 'interrupted' = 'failed';
    try {
      const report = await gatherLogs({
        ...{ clusters: opened.clusters, run, grep, member, follow, unit },
        window: { sinceMs, untilMs, last },
        signal: this.signal,
        onLine: isShown ? (line) => (follow ? this.print(live.render(line)) : live.keep(line)) : undefined,
        onNote: (note) => this.progress.info(note),
      });
      const failed = report.clusters.some(({ members }) => members.some(({ failure }) => failure !== undefined));
      status = report.outcome === 'interrupted' ? 'interrupted' : failed ? 'failed' : 'done';
      this.print([...live.kept(report), renderLogsReport(report)].join('\n'));
      this.endWith(report.outcome === 'interrupted' ? 130 : failed ? 1 : 0);
      return report;
    } finally {
      run.finish({ status });
    }
  }
}
