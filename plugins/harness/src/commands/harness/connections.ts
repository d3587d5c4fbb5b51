import { BaseCommand, durationFlag } from '@etcdperf/core/cli';
import { subjectArgs, subjectFlags, subjectFrom } from '../../flags/subject-flags.ts';
import type { ConnectionsReport } from '../../services/connections/connections-report.ts';

export default class HarnessConnections extends BaseCommand {
  static override summary = 'who is connected to a cluster, per member and client';

  static override description =
    `Connections are those that the kernel of the member's host or pod has established at its client port; this command's own are left out. In a pod that needs an image with cat: etcd's own has none. Streams, watchers, requests and API versions are from the members' metrics.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> main',
    '<%= config.bin %> <%= command.id %> --endpoints http://10.0.0.1:2379 --json',
  ];

  static override args = subjectArgs;

  static override flags = {
    ...subjectFlags,
    timeout: durationFlag({ description: 'what a member or its host may take to answer; default 5s' }),
  };

  async run(): Promise<ConnectionsReport> {
    const { args, flags } = await this.parse(HarnessConnections);
    const [{ openSubject }, { findConnections }, { renderConnections }] = await Promise.all([
      import('../../services/open-subject.ts'),
      import('../../services/connections/find-connections.ts'),
      import('../../render/connections-report.ts'),
    ]);
    const { signal } = this;
    const asked = await subjectFrom(args.cluster, flags, signal);
    await using subject = await openSubject(asked, { acceptNew: flags['accept-new'], signal });
    const report = await findConnections(subject, { timeoutMs: flags.timeout ?? 5000, signal });
    this.print(renderConnections(report));
    if (report.members.every(({ usage, connections }) => usage === undefined && connections.kind === 'hidden'))
      this.endWith(1);
    return report;
  }
}
