import { BaseCommand, clusterAccessFrom, findInventory, renderFinding } from '@etcdperf/core/cli';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { oldStyleArgv } from './flags/old-style-argv.ts';
import type { SiteFlagValues } from './flags/site-flags.ts';
import type { DriverContext } from './services/driver-context.ts';

type FoundInventory = Awaited<ReturnType<typeof findInventory>>;

/** Where a driver command works. */
export interface DriverSite {
  readonly inventory: FoundInventory;
  /** The cluster under test, as the flags name it. */
  readonly access: ClusterAccess;
  /** Where drivers find each other: the same cluster unless told otherwise. */
  readonly controlAccess: ClusterAccess;
}

/** What every driver command stands on. */
export abstract class DriverCommand extends BaseCommand {
  protected override async init(): Promise<void> {
    this.argv = oldStyleArgv(this.argv, this.ctor.flags);
    await super.init();
  }

  /** Throws InputError for flags that contradict each other, or that name what is not there; nothing is touched. */
  protected async site(flags: SiteFlagValues): Promise<DriverSite> {
    const inventory = await findInventory(flags);
    const access = await clusterAccessFrom(flags, inventory, this.signal);
    return { inventory, access, controlAccess: await this.controlAccess(flags, inventory, access) };
  }

  protected context(): DriverContext {
    const { progress, signal } = this;
    return {
      signal,
      onStep: (text) => progress.step(text),
      onInfo: (text) => progress.info(text),
      onFinding: (finding) => progress.info(renderFinding(finding)),
    };
  }

  private async controlAccess(flags: SiteFlagValues, inventory: FoundInventory, access: ClusterAccess) {
    const { 'control-endpoints': endpoints, 'control-cluster': cluster } = flags;
    if (endpoints === undefined && cluster === undefined) return access;
    // TLS files and login are those of the cluster under test, unless the inventory knows better.
    return clusterAccessFrom({ ...flags, endpoints, cluster }, inventory, this.signal);
  }
}
