import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardFolder } from '@etcdperf/core/daemon';
import { startLocalCluster } from '@etcdperf/core/etcd';
import { LocalExecutor } from '@etcdperf/core/ssh';
import { findProcesses } from './election-processes.ts';
import type { FailoverResult } from './failover-result.ts';
import { type InitOptions, initStore } from './init-store.ts';
import type { AgentsOptions } from './plan-agents.ts';
import { type FailoverOptions, runFailover } from './run-failover.ts';
import type { ElectionHost, Site } from './site.ts';
import { type RunContext, startAgents } from './start-agents.ts';
import { type CandidatesOptions, startCandidates } from './start-candidates.ts';
import { removeProcesses } from './start-processes.ts';

export interface LocalFailoverOptions {
  readonly init: InitOptions;
  readonly candidates: CandidatesOptions;
  readonly agents: AgentsOptions;
  readonly failover: FailoverOptions;
}

/**
 * The whole experiment on this machine alone: a cluster of three members, candidates and agents are started in a
 * temporary folder, and all of it is gone afterwards, however it ends: also if this process is killed. Needs no SSH and no root.
 */
export async function localFailover(options: LocalFailoverOptions, context: RunContext): Promise<FailoverResult> {
  const { progress, signal } = context;
  const workDir = await mkdtemp(join(tmpdir(), 'etcdperf-failover-'));
  // For the second Ctrl-C, which waits for nothing, and for SIGKILL.
  using _guard = guardFolder(workDir);
  const host: ElectionHost = { name: 'localhost', executor: new LocalExecutor(), workDir };
  try {
    const onStep = (text: string) => progress?.step(text);
    await using cluster = await startLocalCluster({ dir: join(workDir, 'cluster'), signal, onStep });
    const site: Site = { access: cluster.access, masters: [host], agents: [host] };
    await using _processes = { [Symbol.asyncDispose]: () => removeAll(host) };
    await initStore(site, options.init, context);
    const durationMs = lifetimeMs(options.failover);
    progress?.step(`starting ${options.candidates.count} candidates`);
    await startCandidates(site, { ...options.candidates, durationMs }, signal);
    await startAgents(site, { ...options.agents, durationMs }, context);
    return await runFailover(site, options.failover, context);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** More than an experiment can take: were this process killed, candidates and agents would end by themselves. */
function lifetimeMs({ rounds, timeoutMs }: FailoverOptions): number {
  return Math.min(10 * 60_000 + rounds * (timeoutMs + 60_000), 2 ** 31 - 1);
}

async function removeAll(host: ElectionHost): Promise<void> {
  const [found] = await findProcesses([host]);
  if (found?.status === 'ok') await removeProcesses(found.value, 500);
}
