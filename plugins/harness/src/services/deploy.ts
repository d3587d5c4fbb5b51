import { rm } from 'node:fs/promises';
import {
  type ConnectChoices,
  type DeployReport,
  deployCluster,
  type FoundCluster,
  openClusterHosts,
  readLocalCluster,
  readTlsFiles,
  requireProcesses,
  writeLocalCluster,
} from '@etcdperf/core/etcd';

export interface DeployChoices extends ConnectChoices {
  readonly restart?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/** Deploys a cluster; one on this machine is remembered, so that later commands find it. */
export async function deploy(cluster: FoundCluster, choices: DeployChoices): Promise<DeployReport> {
  const found = requireProcesses(cluster);
  const tls = await readTlsFiles(found.config);
  await using hosts = await openClusterHosts(found, choices);
  const { plan, access, site, nofile } = hosts;
  const { restart, dryRun, timeoutMs, signal, onStep } = choices;
  const work = () => deployCluster({ plan, access, site, tls, nofile, restart, dryRun, timeoutMs, signal, onStep });
  if (found.kind === 'hosts' || dryRun === true) return await work();

  const known = await readLocalCluster(found.dir);
  // Before the first process starts: whatever happens after, harness:delete finds it.
  if (known === undefined) await writeLocalCluster(found.dir, found.config);
  let report: DeployReport | undefined;
  try {
    report = await work();
    return report;
  } finally {
    const stands = report !== undefined && (report.outcome.kind === 'deployed' || report.outcome.kind === 'unchanged');
    if (stands) await writeLocalCluster(found.dir, found.config);
    else if (known === undefined) await forget(found.dir, report);
  }
}

/** A cluster that never came to be leaves nothing; one that was refused may have things of others in its folder. */
async function forget(dir: string, report: DeployReport | undefined): Promise<void> {
  if (report?.outcome.kind === 'refused') await rm(`${dir}/cluster.json`, { force: true });
  else await rm(dir, { recursive: true, force: true });
}
