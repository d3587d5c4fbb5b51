import { Args, BaseCommand, dryRunFlag, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { HostsReport } from '../../services/hosts/hosts-report.ts';

export default class HarnessHosts extends BaseCommand {
  static override summary = 'check that each member runs alone on its host or node; dedicate nodes to a cluster';

  static override description =
    `Ends with 1 where members share a host, or something else of weight runs beside one: on Kubernetes any pod but those of kube-system and of DaemonSets, on hosts processes that take more than a fifth of a core or 512 MiB.

With --label and --taint nodes get etcdperf.io/dedicated=CLUSTER; what to put in the inventory, so that members and nothing else go there, is printed. --remove takes away what is of this cluster, and nothing else.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> main',
    '<%= config.bin %> <%= command.id %> main --label --taint --nodes worker1,worker2,worker3',
    '<%= config.bin %> <%= command.id %> main --remove --dry-run',
  ];

  static override args = {
    cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
  };

  static override flags = {
    inventory: hostFlags.inventory,
    'accept-new': hostFlags['accept-new'],
    nodes: Flags.string({ description: 'which nodes; else those that members run on', helpValue: 'NODE,…' }),
    label: Flags.boolean({ description: 'label nodes' }),
    taint: Flags.boolean({ description: 'taint nodes: pods that do not tolerate it stay away' }),
    remove: Flags.boolean({ description: 'take label and taint away again', exclusive: ['label', 'taint'] }),
    ...dryRunFlag,
  };

  async run(): Promise<HostsReport> {
    const { args, flags } = await this.parse(HarnessHosts);
    const [{ findCluster }, { renderHostsReport }] = await Promise.all([
      import('@etcdperf/core/etcd'),
      import('../../render/hosts-report.ts'),
    ]);
    const found = await findCluster({ inventory: await findInventory(flags), name: args.cluster });
    const report =
      found.kind === 'kubernetes'
        ? await (await import('../../services/hosts/look-at-nodes.ts')).lookAtNodes(found, {
            nodes: flags.nodes?.split(',').filter((name) => name !== ''),
            label: flags.label,
            taint: flags.taint,
            remove: flags.remove,
            dryRun: flags['dry-run'],
            signal: this.signal,
          })
        : await this.hosts(found, flags);
    this.print(renderHostsReport(report));
    if (report.problems.length > 0) this.endWith(1);
    return report;
  }

  private async hosts(
    found: Parameters<typeof import('../../services/hosts/look-at-hosts.ts').lookAtHosts>[0],
    flags: Parsed,
  ) {
    if (flags.label || flags.taint || flags.remove || flags.nodes !== undefined)
      throw new InputError('only nodes of Kubernetes can be labelled and tainted', {
        where: `cluster ${found.config.name}`,
        hint: 'hosts are dedicated by what you start there',
      });
    const { lookAtHosts } = await import('../../services/hosts/look-at-hosts.ts');
    return lookAtHosts(found, { acceptNew: flags['accept-new'], signal: this.signal });
  }
}

interface Parsed {
  readonly label: boolean;
  readonly taint: boolean;
  readonly remove: boolean;
  readonly nodes?: string | undefined;
  readonly 'accept-new': boolean;
}
