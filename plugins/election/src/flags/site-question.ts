import { type ClusterFlagValues, clusterQuestion } from '@etcdperf/core/cli';
import type { Inventory } from '@etcdperf/core/config';
import type { SiteQuestion } from '../services/open-site.ts';

/** The values of `siteFlags`. */
export interface SiteFlagValues extends ClusterFlagValues {
  readonly limit?: string | undefined;
  readonly forks?: number | undefined;
  readonly 'accept-new'?: boolean | undefined;
}

/** What the flags say of the cluster and hosts, with files read. Throws InputError naming the flag of a file that can't be. */
export async function siteQuestion(
  flags: SiteFlagValues,
  inventory: Inventory | undefined,
  signal: AbortSignal,
): Promise<SiteQuestion> {
  return {
    ...(await clusterQuestion(flags, inventory, signal)),
    limit: flags.limit,
    forks: flags.forks,
    acceptNew: flags['accept-new'],
    signal,
  };
}
