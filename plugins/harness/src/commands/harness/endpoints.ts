import { BaseCommand, durationFlag, Flags } from '@etcdperf/core/cli';
import { subjectArgs, subjectFlags, subjectFrom } from '../../flags/subject-flags.ts';
import type { EndpointsReport } from '../../services/endpoints/endpoints-report.ts';

export default class HarnessEndpoints extends BaseCommand {
  static override summary = 'every way to a cluster, each tried from this machine';

  static override description =
    `Members' own addresses, on Kubernetes also names, node ports, the load balancer, virtual names, the cluster IP and pods. Each is tried with its certificate verified, login, and a read through raft. With --save those that work, of the kind that is marked with *, become the cluster's endpoints in the inventory, where other commands find them. Ends with 1 where none works that lasts.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> main',
    '<%= config.bin %> <%= command.id %> main --save',
  ];

  static override args = subjectArgs;

  static override flags = {
    ...subjectFlags,
    save: Flags.boolean({ description: 'write those that were chosen into the inventory; all else in it stays' }),
    timeout: durationFlag({ description: 'what each way may take; default 3s' }),
  };

  async run(): Promise<EndpointsReport> {
    const { args, flags } = await this.parse(HarnessEndpoints);
    const [{ openSubject }, { findEndpoints }, { renderEndpoints }] = await Promise.all([
      import('../../services/open-subject.ts'),
      import('../../services/endpoints/find-endpoints.ts'),
      import('../../render/endpoints-report.ts'),
    ]);
    const { signal } = this;
    const asked = await subjectFrom(args.cluster, flags, signal);
    await using subject = await openSubject(asked, { acceptNew: flags['accept-new'], signal });
    const report = await findEndpoints(subject, { save: flags.save, timeoutMs: flags.timeout ?? 3000, signal });
    this.print(renderEndpoints(report));
    if (report.chosen.length === 0) this.endWith(1);
    return report;
  }
}
