import { Args, BaseCommand, dryRunFlag, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import type { AnyDeployReport } from '../../services/deploy-found.ts';

export default class HarnessDeploy extends BaseCommand {
  static override summary = 'start the cluster that the inventory describes, or one on this machine';

  static override description =
    `Looks first; where anything is in the way (another cluster's data or objects, a port in use, a host that can't be reached), nothing is touched. Deploying again what runs changes nothing; a member that has died is started again. On hosts, if it fails or on Ctrl-C, what was started is taken back. On Kubernetes it stays, with the reason why it isn't ready; deploying again goes on from there.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> main --dry-run',
    '<%= config.bin %> <%= command.id %> --backend local --members 3',
    '<%= config.bin %> <%= command.id %> on-kubernetes --diff',
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
      description: 'seconds that the cluster may take to become healthy (default 60, on Kubernetes 300)',
      helpValue: 'S',
      min: 1,
    }),
    diff: Flags.boolean({ description: 'show what would change, touch nothing' }),
    'check-access': Flags.boolean({
      description: 'list the permissions that are missing, touch nothing (Kubernetes)',
      exclusive: ['diff', 'dry-run'],
    }),
    yes: Flags.boolean({ char: 'y', description: 'make members anew without asking, where a change needs that' }),
    ...dryRunFlag,
  };

  async run(): Promise<AnyDeployReport> {
    const { args, flags } = await this.parse(HarnessDeploy);
    const [{ findOrPlanCluster }, { deployFound, exitCodeOfDeploy }, { renderAnyDeploy }] = await Promise.all([
      import('@etcdperf/core/etcd'),
      import('../../services/deploy-found.ts'),
      import('../../render/any-deploy-report.ts'),
    ]);
    const found = await findOrPlanCluster({
      inventory: await findInventory(flags),
      name: args.cluster,
      backend: flags.backend,
      members: flags.members,
      version: flags['etcd-version'],
    });
    const report = await deployFound(found, {
      acceptNew: flags['accept-new'],
      restart: flags.restart,
      dryRun: flags['dry-run'],
      diff: flags.diff,
      checkAccess: flags['check-access'],
      yes: flags.yes,
      timeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderAnyDeploy(report));
    this.endWith(exitCodeOfDeploy(report));
    return report;
  }
}
