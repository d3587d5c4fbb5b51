import { BaseCommand, durationFlag, Flags } from '@etcdperf/core/cli';
import { subjectArgs, subjectFlags, subjectFrom } from '../../flags/subject-flags.ts';
import type { StatusSource } from '../../services/status/open-status.ts';
import type { StatusReport } from '../../services/status/status-report.ts';

export default class HarnessStatus extends BaseCommand {
  static override summary = 'how a cluster is, member by member: health, database, raft, latencies, load, restarts';

  static override description =
    `FSYNC and COMMIT are the 99th percentiles of the write-ahead log and the database; these and CPU are since each member's start, with --watch since the last look. LAG counts entries that are committed and not applied yet. A member that is down or hangs holds nothing up. Ends with 1 where the cluster is not healthy: a member down, no leader, or an alarm.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> main --watch --interval 5s',
    '<%= config.bin %> <%= command.id %> --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379 --json',
  ];

  static override args = subjectArgs;

  static override flags = {
    ...subjectFlags,
    watch: Flags.boolean({ char: 'w', description: 'look again and again until Ctrl-C; with --json one line a look' }),
    interval: durationFlag({ description: 'how often; default 2s', dependsOn: ['watch'] }),
  };

  async run(): Promise<StatusReport | undefined> {
    const { args, flags } = await this.parse(HarnessStatus);
    const [{ openStatus }, { renderClusterStatus }] = await Promise.all([
      import('../../services/status/open-status.ts'),
      import('../../render/cluster-status.ts'),
    ]);
    const subject = await subjectFrom(args.cluster, flags, this.signal);
    await using source = await openStatus(subject, { acceptNew: flags['accept-new'], signal: this.signal });
    if (flags.watch) return this.watch(source, flags.interval ?? 2000);
    const status = await source.look();
    this.print(renderClusterStatus(status));
    if (!status.healthy) this.endWith(1);
    return status;
  }

  private async watch(source: StatusSource, intervalMs: number): Promise<undefined> {
    const [{ watchStatus }, { openScreen }, { renderClusterStatus }] = await Promise.all([
      import('../../services/status/watch-status.ts'),
      import('../../render/screen.ts'),
      import('../../render/cluster-status.ts'),
    ]);
    const screen = openScreen(process.stdout);
    for await (const look of watchStatus(source, intervalMs, this.signal)) {
      if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(look)}\n`);
      else screen.show(`${look.takenAt.slice(0, 19).replace('T', ' ')} UTC\n${renderClusterStatus(look)}`);
    }
  }
}
