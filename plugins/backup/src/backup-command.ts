import { BaseCommand, type ClusterFlagValues, clusterAccessFrom, findInventory } from '@etcdperf/core/cli';
import type { ClusterAccess } from '@etcdperf/core/etcd';

/** What every backup command stands on. */
export abstract class BackupCommand extends BaseCommand {
  /** The cluster that the flags name. Throws InputError; nothing is touched. */
  protected async access(
    flags: ClusterFlagValues & { readonly inventory?: string | undefined },
  ): Promise<ClusterAccess> {
    return clusterAccessFrom(flags, await findInventory(flags), this.signal);
  }
}
