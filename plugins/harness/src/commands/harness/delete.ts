import { Args, BaseCommand, dryRunFlag, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import type { AnyDeleteReport } from '../../services/delete.ts';

export default class HarnessDelete extends BaseCommand {
  static override summary = 'end a cluster and remove its data, certificates and logs';

  static override description =
    `Asks before data is removed; scripts say --yes.\n\nOn hosts, data that isn't of this cluster is left where it is, unless --data is given; data that a running etcd has open is never removed. A host that is down stops no other.\n\nOn Kubernetes only what etcdperf made for this cluster is removed. Claims hold the members' data: they are kept unless --data is given.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> main --data --yes',
    '<%= config.bin %> <%= command.id %> --dry-run',
  ];

  static override args = {
    cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
  };

  static override flags = {
    inventory: hostFlags.inventory,
    'accept-new': hostFlags['accept-new'],
    data: Flags.boolean({
      description:
        "also remove another etcd's data from this cluster's directories; on Kubernetes, the members' claims",
    }),
    yes: Flags.boolean({ char: 'y', description: 'ask nothing' }),
    ...dryRunFlag,
  };

  async run(): Promise<AnyDeleteReport> {
    const { args, flags } = await this.parse(HarnessDelete);
    const [{ findCluster }, { deleteAnywhere }, { renderAnyDelete }] = await Promise.all([
      import('@etcdperf/core/etcd'),
      import('../../services/delete.ts'),
      import('../../render/any-delete-report.ts'),
    ]);
    const found = await findCluster({ inventory: await findInventory(flags), name: args.cluster });
    const report = await deleteAnywhere(found, {
      acceptNew: flags['accept-new'],
      data: flags.data ? true : undefined,
      yes: flags.yes,
      dryRun: flags['dry-run'],
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderAnyDelete(report));
    if (!report.ok) this.endWith(1);
    return report;
  }
}
