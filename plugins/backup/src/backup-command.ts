import { setFlagsFromString } from 'node:v8';
import { BaseCommand, type ClusterFlagValues, clusterAccessFrom, findInventory } from '@etcdperf/core/cli';
import type { ClusterAccess } from '@etcdperf/core/etcd';

/** What every backup command stands on. */
export abstract class BackupCommand extends BaseCommand {
  protected override async init(): Promise<void> {
    await super.init();
    // The program keeps the room for new objects small, which suits loads that leave nothing behind. These here make an
    // object for every key that they load or compare: a load then spent half of its time collecting them.
    setFlagsFromString('--semi-space-growth-factor=2');
  }

  /** The cluster that the flags name. Throws InputError; nothing is touched. */
  protected async access(
    flags: ClusterFlagValues & { readonly inventory?: string | undefined },
  ): Promise<ClusterAccess> {
    return clusterAccessFrom(flags, await findInventory(flags), this.signal);
  }
}
