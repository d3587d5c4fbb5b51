import { rm } from 'node:fs/promises';
import { type DeleteReport, deleteCluster } from '@etcdperf/core/etcd';
import { terminalPrompt } from '@etcdperf/core/ssh';
import { type FoundCluster, requireProcesses } from './find-cluster.ts';
import type { KubernetesDeleteReport } from './kubernetes/kubernetes-report.ts';
import { type ConnectChoices, openClusterHosts } from './open-cluster-hosts.ts';

export interface DeleteChoices extends ConnectChoices {
  readonly foreignData?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

export type AnyDeleteReport = DeleteReport | KubernetesDeleteReport;

/** Ends a cluster, on whatever it runs. On Kubernetes its data goes too only where `data` says so, and a person or `yes`. */
export async function deleteAnywhere(
  found: FoundCluster,
  choices: ConnectChoices & {
    readonly data?: boolean | undefined;
    readonly yes?: boolean | undefined;
    readonly dryRun?: boolean | undefined;
    readonly onStep?: ((text: string) => void) | undefined;
  },
): Promise<AnyDeleteReport> {
  const { data, ...others } = choices;
  if (found.kind !== 'kubernetes') return deleteFound(found, { ...others, foreignData: data });
  const { deleteOnKubernetes } = await import('./kubernetes/delete-on-kubernetes.ts');
  return deleteOnKubernetes(found, { ...choices, prompt: terminalPrompt() });
}

/** Ends a cluster of processes and removes what is left of it. Idempotent. */
export async function deleteFound(cluster: FoundCluster, choices: DeleteChoices): Promise<DeleteReport> {
  const found = requireProcesses(cluster);
  await using hosts = await openClusterHosts(found, { ...choices, withoutCredentials: true });
  const { foreignData, dryRun, signal, onStep } = choices;
  const report = await deleteCluster({ plan: hosts.plan, site: hosts.site, foreignData, dryRun, signal, onStep });
  if (found.kind === 'local' && report.ok && dryRun !== true) await rm(found.dir, { recursive: true, force: true });
  return report;
}
