import { rm } from 'node:fs/promises';
import { InputError } from '@etcdperf/core/errors';
import {
  type ConnectChoices,
  type DeleteReport,
  deleteCluster,
  type FoundCluster,
  openClusterHosts,
  requireProcesses,
} from '@etcdperf/core/etcd';
import { type Prompt, terminalPrompt } from '@etcdperf/core/ssh';
import { askFirst } from './kubernetes/ask-first.ts';
import type { KubernetesDeleteReport } from './kubernetes/kubernetes-report.ts';

export interface DeleteChoices extends ConnectChoices {
  readonly foreignData?: boolean | undefined;
  /** Data goes without a question. */
  readonly yes?: boolean | undefined;
  readonly prompt?: Prompt | undefined;
  readonly dryRun?: boolean | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

export type AnyDeleteReport = DeleteReport | KubernetesDeleteReport;

/**
 * Ends a cluster, on whatever it runs. Data goes only where a person or `yes` says so; on Kubernetes only with `data`.
 * Throws InputError, with nothing touched, where nobody can be asked.
 */
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
  const prompt = terminalPrompt();
  if (found.kind !== 'kubernetes') return deleteFound(found, { ...others, prompt, foreignData: data });
  const { deleteOnKubernetes } = await import('./kubernetes/delete-on-kubernetes.ts');
  return deleteOnKubernetes(found, { ...choices, prompt });
}

/** Ends a cluster of processes and removes what is left of it. Idempotent. */
export async function deleteFound(cluster: FoundCluster, choices: DeleteChoices): Promise<DeleteReport> {
  const found = requireProcesses(cluster);
  await using hosts = await openClusterHosts(found, { ...choices, withoutCredentials: true });
  const { foreignData, dryRun, signal, onStep } = choices;
  const removal = { plan: hosts.plan, site: hosts.site, foreignData, signal };
  if (dryRun !== true && choices.yes !== true) {
    const { members } = await deleteCluster({ ...removal, dryRun: true });
    const losing = members.filter(({ result }) => 'what' in result && result.what.includes('data')).length;
    const what = `the data of ${losing} ${losing === 1 ? 'member' : 'members'} of cluster ${found.config.name} would be lost`;
    if (losing > 0 && !(await askFirst(what, 'Remove the cluster with its data?', choices)))
      throw new InputError(what, { hint: 'nothing was touched' });
  }
  const report = await deleteCluster({ ...removal, dryRun, onStep });
  if (found.kind === 'local' && report.ok && dryRun !== true) await rm(found.dir, { recursive: true, force: true });
  return report;
}
