import { Args, BaseCommand, dryRunFlag, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import type { DeleteReport } from '@etcdperf/core/etcd';

export default class HarnessDelete extends BaseCommand {
  static override summary = 'end a cluster and remove its data, certificates and logs from all hosts';

  static override description =
    `Data that isn't of this cluster is left where it is, unless --data is given; data that a running etcd has open is never removed. A host that is down stops no other.`;

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> main --data'];

  static override args = {
    cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
  };

  static override flags = {
    inventory: hostFlags.inventory,
    'accept-new': hostFlags['accept-new'],
    data: Flags.boolean({ description: "also remove another etcd's data from this cluster's data directories" }),
    ...dryRunFlag,
  };

  async run(): Promise<DeleteReport> {
    const { args, flags } = await this.parse(HarnessDelete);
    const [{ findCluster }, { deleteFound }, { renderDeleteReport }] = await Promise.all([
      import('../../services/find-cluster.ts'),
      import('../../services/delete.ts'),
      import('../../render/delete-report.ts'),
    ]);
    const found = await findCluster({ inventory: await findInventory(flags), name: args.cluster });
    const report = await deleteFound(found, {
      acceptNew: flags['accept-new'],
      foreignData: flags.data,
      dryRun: flags['dry-run'],
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderDeleteReport(report));
    if (!report.ok) this.endWith(1);
    return report;
  }
}
