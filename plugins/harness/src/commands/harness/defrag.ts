import { BaseCommand, durationFlag, Flags } from '@etcdperf/core/cli';
import { subjectArgs, subjectFlags, subjectFrom } from '../../flags/subject-flags.ts';
import type { DefragReport } from '../../services/defrag/defrag-report.ts';

export default class HarnessDefrag extends BaseCommand {
  static override summary = 'give back the disk space that members no longer need, one member at a time';

  static override description =
    `Followers first, the leader last, each only while all members are well; while a member is defragmented it answers nobody. Refused where a member is down, and while another defragmentation or restart of the cluster is under way. Ctrl-C waits for the member that has begun.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> main --compact',
    '<%= config.bin %> <%= command.id %> main --threshold 80 --move-leader',
  ];

  static override args = subjectArgs;

  static override flags = {
    ...subjectFlags,
    compact: Flags.boolean({ description: 'forget old revisions first' }),
    'keep-revisions': Flags.integer({
      description: 'so many of the newest revisions stay readable; default 0',
      helpValue: 'N',
      min: 0,
      dependsOn: ['compact'],
    }),
    threshold: Flags.integer({
      description: 'leave members as they are whose database is in use to this percentage or more',
      helpValue: 'PERCENT',
      min: 1,
      max: 100,
    }),
    'move-leader': Flags.boolean({ description: 'the leader hands over before its turn' }),
    'member-timeout': durationFlag({ description: 'what one member may take; default 30m' }),
  };

  async run(): Promise<DefragReport> {
    const { args, flags } = await this.parse(HarnessDefrag);
    const [{ openSubject, withNames }, { defragCluster }, { renderDefragReport }] = await Promise.all([
      import('../../services/open-subject.ts'),
      import('../../services/defrag/defrag-cluster.ts'),
      import('../../render/defrag-report.ts'),
    ]);
    const { signal } = this;
    const asked = await subjectFrom(args.cluster, flags, signal);
    await using subject = await openSubject(asked, { acceptNew: flags['accept-new'], signal });
    const report = await defragCluster(subject.access, {
      cluster: subject.name,
      withNames: (text) => withNames(text, subject.members),
      compact: flags.compact ? { keepRevisions: flags['keep-revisions'] ?? 0 } : undefined,
      thresholdPercent: flags.threshold,
      moveLeader: flags['move-leader'],
      memberTimeoutMs: flags['member-timeout'] ?? 30 * 60_000,
      settleTimeoutMs: 60_000,
      signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderDefragReport(report));
    if (report.outcome.kind === 'interrupted') this.endWith(130);
    else if (report.outcome.kind !== 'done') this.endWith(1);
    return report;
  }
}
