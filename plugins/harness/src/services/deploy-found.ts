import { InputError } from '@etcdperf/core/errors';
import type { DeployReport, FoundCluster } from '@etcdperf/core/etcd';
import { terminalPrompt } from '@etcdperf/core/ssh';
import { type DeployChoices, deploy } from './deploy.ts';
import type { AccessReport, KubernetesDeployReport } from './kubernetes/kubernetes-report.ts';

export interface AnyDeployChoices extends DeployChoices {
  /** Nothing but what would change. */
  readonly diff?: boolean | undefined;
  /** Kubernetes only: nothing but what isn't allowed. */
  readonly checkAccess?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

export type AnyDeployReport = DeployReport | KubernetesDeployReport | AccessReport;

/** Members that are processes start within a minute or never. */
const PROCESSES_TIMEOUT_MS = 60_000;

/** Deploys a cluster, on whatever it runs. Throws InputError for a choice that its backend doesn't have. */
export async function deployFound(found: FoundCluster, choices: AnyDeployChoices): Promise<AnyDeployReport> {
  const { diff, checkAccess, restart, timeoutMs, signal } = choices;
  if (found.kind !== 'kubernetes') {
    if (checkAccess) refuse('--check-access', found, 'hosts:check tells which hosts can be worked on');
    // Running members that differ are in the way without --restart: here it is told how they differ.
    const look = diff ? { dryRun: true, restart: true } : {};
    return deploy(found, { ...choices, timeoutMs: timeoutMs ?? PROCESSES_TIMEOUT_MS, ...look });
  }
  if (restart) refuse('--restart', found, 'a deployment restarts what it changes, one member after the other');
  if (checkAccess) {
    const { checkClusterAccess } = await import('./kubernetes/check-access.ts');
    return checkClusterAccess(found, signal);
  }
  const { deployOnKubernetes } = await import('./kubernetes/deploy-on-kubernetes.ts');
  return deployOnKubernetes(found, { ...choices, prompt: terminalPrompt() });
}

/** What a command ends with. */
export function exitCodeOfDeploy(report: AnyDeployReport): 0 | 1 | 130 {
  if ('denied' in report) return report.denied.length > 0 ? 1 : 0;
  const { kind } = report.outcome;
  return kind === 'interrupted' ? 130 : kind === 'refused' || kind === 'failed' ? 1 : 0;
}

function refuse(flag: string, found: FoundCluster, hint: string): never {
  throw new InputError(`not for a cluster of backend ${found.config.backend}`, { where: flag, hint });
}
