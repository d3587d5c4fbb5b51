import {
  type ClusterHosts,
  type DeployReport,
  deployCluster,
  type ProcessCluster,
  readTlsFiles,
} from '@etcdperf/core/etcd';
import type { Prospect } from './look-before-restore.ts';

export interface StartChoices {
  /** How long the cluster may take to become healthy. Default 60 s. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
  /** Told what is left when Ctrl-C ended it too late to leave everything as it was. */
  readonly onInfo?: ((text: string) => void) | undefined;
}

/** Starts a cluster whose data is in place. Rejects as `deployCluster` does. */
export async function startRestored(
  found: ProcessCluster,
  hosts: ClusterHosts,
  choices: StartChoices,
): Promise<DeployReport> {
  const { plan, access, site, nofile } = hosts;
  const { timeoutMs, signal, onStep, onInfo } = choices;
  const tls = await readTlsFiles(found.config);
  try {
    return await deployCluster({ plan, access, site, tls, nofile, timeoutMs, signal, onStep });
  } catch (error) {
    if (signal?.aborted) onInfo?.(startByHand(found));
    throw error;
  }
}

/** What to do where it was not started. */
export function startByHand({ config }: ProcessCluster): string {
  return `the snapshot's data is in place; etcdperf harness:deploy ${config.name} starts it`;
}

/** After a failure: the members that were stopped run again, if all did before. Says what is not as it was. */
export async function startAgain(
  found: ProcessCluster,
  hosts: ClusterHosts,
  prospects: readonly Prospect[],
  choices: StartChoices,
  trouble: string | undefined,
): Promise<string | undefined> {
  const byHand = `members were stopped; etcdperf harness:deploy ${found.config.name} starts them again`;
  if (trouble !== undefined || !prospects.every(({ isRunning }) => isRunning)) return byHand;
  try {
    // Also after Ctrl-C: what was stopped is not left so.
    const { outcome } = await startRestored(found, hosts, { ...choices, signal: undefined });
    return outcome.kind === 'deployed' || outcome.kind === 'unchanged' ? 'members were stopped, and run again' : byHand;
  } catch {
    return byHand;
  }
}
