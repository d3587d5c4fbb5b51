import { Args, BaseCommand, dryRunFlag, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import type { DeployReport } from '@etcdperf/core/etcd';

export default class HarnessDeploy extends BaseCommand {
  static override summary = 'start the cluster that the inventory describes, or one on this machine';

  static override description =
    `Looks at all hosts first; where anything is in the way (another cluster's data, a port in use, a host that can't be reached), nothing is touched. Deploying again what runs changes nothing; a member that has died is started again. If it fails, or on Ctrl-C, what was started is taken back.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> main --dry-run',
    '<%= config.bin %> <%= command.id %> --backend local --members 3',
  ];

  static override args = {
    cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
  };

  static override flags = {
    inventory: hostFlags.inventory,
    'accept-new': hostFlags['accept-new'],
    backend: Flags.option({
      description: 'local: on this machine, without an inventory',
      options: ['hosts', 'local'] as const,
    })(),
    members: Flags.integer({ description: 'how many members (backend local)', helpValue: 'N', min: 1, max: 9 }),
    'etcd-version': Flags.string({ description: 'which etcd (backend local)', helpValue: '3.6.16' }),
    restart: Flags.boolean({ description: 'restart members that run with other settings than wanted' }),
    timeout: Flags.integer({
      description: 'seconds that the cluster may take to become healthy',
      helpValue: 'S',
      default: 60,
      min: 1,
    }),
    ...dryRunFlag,
  };

  async run(): Promise<DeployReport> {
    const { args, flags } = await this.parse(HarnessDeploy);
    const [{ findOrPlanCluster }, { deploy }, { renderDeployReport }] = await Promise.all([
      import('../../services/find-cluster.ts'),
      import('../../services/deploy.ts'),
      import('../../render/deploy-report.ts'),
    ]);
    const found = await findOrPlanCluster({
      inventory: await findInventory(flags),
      name: args.cluster,
      backend: flags.backend,
      members: flags.members,
      version: flags['etcd-version'],
    });
    const report = await deploy(found, {
      acceptNew: flags['accept-new'],
      restart: flags.restart,
      dryRun: flags['dry-run'],
      timeoutMs: flags.timeout * 1000,
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderDeployReport(report));
    if (report.outcome.kind === 'refused' || report.outcome.kind === 'failed') this.endWith(1);
    return report;
  }
}
