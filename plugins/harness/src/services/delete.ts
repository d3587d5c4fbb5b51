import { rm } from 'node:fs/promises';
import { type DeleteReport, deleteCluster } from '@etcdperf/core/etcd';
import { type FoundCluster, requireProcesses } from './find-cluster.ts';
import { type ConnectChoices, openClusterHosts } from './open-cluster-hosts.ts';

export interface DeleteChoices extends ConnectChoices {
  readonly foreignData?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/** Ends a cluster and removes what is left of it. Idempotent. */
export async function deleteFound(cluster: FoundCluster, choices: DeleteChoices): Promise<DeleteReport> {
  const found = requireProcesses(cluster);
  await using hosts = await openClusterHosts(found, choices);
  const { foreignData, dryRun, signal, onStep } = choices;
  const report = await deleteCluster({ plan: hosts.plan, site: hosts.site, foreignData, dryRun, signal, onStep });
  if (found.kind === 'local' && report.ok && dryRun !== true) await rm(found.dir, { recursive: true, force: true });
  return report;
}
