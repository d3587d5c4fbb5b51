import { Args, BaseCommand, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import type { ClusterStatus } from '@etcdperf/core/etcd';

export default class HarnessStatus extends BaseCommand {
  static override summary = "a cluster's members, leader, versions, database sizes, raft state, alarms and processes";

  static override description = 'Ends with 1 where the cluster is not healthy: a member down, no leader, or an alarm.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379 --json',
  ];

  static override args = {
    cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
  };

  static override flags = {
    inventory: hostFlags.inventory,
    'accept-new': hostFlags['accept-new'],
    endpoints: Flags.string({ description: 'any etcd, instead of a deployed one', helpValue: 'URL,…' }),
    cacert: Flags.string({ description: 'CA of the endpoints', helpValue: 'FILE', dependsOn: ['endpoints'] }),
    cert: Flags.string({ description: 'own certificate', helpValue: 'FILE', dependsOn: ['endpoints', 'key'] }),
    key: Flags.string({ description: 'key of the own certificate', helpValue: 'FILE', dependsOn: ['cert'] }),
  };

  async run(): Promise<ClusterStatus> {
    const { args, flags } = await this.parse(HarnessStatus);
    const [{ statusAt, statusOf }, { renderClusterStatus }] = await Promise.all([
      import('../../services/status.ts'),
      import('../../render/cluster-status.ts'),
    ]);
    const status =
      flags.endpoints !== undefined
        ? await statusAt(flags.endpoints, { ca: flags.cacert, cert: flags.cert, key: flags.key }, this.signal)
        : await statusOf(await this.cluster(args.cluster, flags), {
            acceptNew: flags['accept-new'],
            signal: this.signal,
          });
    this.print(renderClusterStatus(status));
    if (!status.healthy) this.endWith(1);
    return status;
  }

  private async cluster(name: string | undefined, flags: { readonly inventory?: string | undefined }) {
    const { findCluster } = await import('../../services/find-cluster.ts');
    return findCluster({ inventory: await findInventory(flags), name });
  }
}
