import type { Progress } from '@etcdperf/core/cli';
import { OperationError } from '@etcdperf/core/errors';
import type { Run } from '@etcdperf/core/runs';
import { connectWire } from './connect-wire.ts';
import { eventSource } from './election-processes.ts';
import { readOffice } from './election-state.ts';
import { EventCollector } from './event-collector.ts';
import { type Generator, worstGenerator } from './generator.ts';
import { type AgentsOptions, type PlannedAgents, planAgents } from './plan-agents.ts';
import { requireAlive } from './require-alive.ts';
import { requireQuorum } from './require-quorum.ts';
import type { Site } from './site.ts';
import { endProcesses, removeProcesses, type StartedProcess, startProcesses } from './start-processes.ts';
import { type Timing, timingOf } from './timing.ts';
import { waitUntil } from './wait-until.ts';

export interface AgentsResult {
  readonly run: { readonly dir: string };
  /** The round that they are registered in. */
  readonly round: number;
  readonly agents: { readonly expected: number; readonly registered: number };
  readonly hosts: readonly { readonly host: string; readonly agents: number; readonly pids: readonly number[] }[];
  readonly connections: AgentsOptions['connections'];
  readonly jitterMs: number;
  /** Per agent: start → has the master and its payload. */
  readonly obtained: Timing;
  readonly generator: Generator;
}

/** What a service that takes long is given beside its options. */
export interface RunContext {
  readonly run: Run;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts agents on all hosts of the site and waits until every one is registered in the current round. They stay
 * running. If that fails, or the signal is aborted, none is left; what they told is in the run folder either way.
 */
export async function startAgents(site: Site, options: AgentsOptions, context: RunContext): Promise<AgentsResult> {
  const { run, progress, signal } = context;
  await requireQuorum(site.access);
  await using etcd = await connectWire(site.access, signal);
  const { master } = await readOffice(etcd.wire);
  if (master === undefined) {
    throw new OperationError('there is no master that agents could follow', {
      where: site.access.endpoints.join(', '),
      hint: 'start candidates first: etcdperf election:masters',
    });
  }
  const planned = planAgents(site, options);
  const where = site.agents.length === 1 ? site.agents[0]!.name : `each of ${site.agents.length} hosts`;
  progress?.step(`starting ${options.count} agents on ${where}`);
  const started = await startProcesses(planned, signal);
  const collector = new EventCollector(run);
  try {
    requireFiles(planned, started);
    collector.follow(started.map(eventSource));
    const expected = options.count * site.agents.length;
    let registered = 0;
    const look = async () => {
      const { round } = await readOffice(etcd.wire);
      registered = collector.record.recordedOf(round).size;
      progress?.step(`round ${round}: ${registered} of ${expected} agents registered`);
      if (registered >= expected) return round;
      await requireAlive(started, signal);
      return undefined;
    };
    const round = await waitUntil(look, { timeoutMs: options.timeoutMs, everyMs: 500, signal });
    if (round === undefined) {
      throw new OperationError(
        `only ${registered} of ${expected} agents registered within ${options.timeoutMs / 1000} s`,
        { where: site.access.endpoints.join(', '), hint: collector.record.errors.at(-1)?.message },
      );
    }
    await collector.catchUp(10_000);
    signal?.throwIfAborted();
    const rounds = [...collector.record.agentsOf(round).values()];
    return {
      run: { dir: run.dir },
      round,
      agents: { expected, registered },
      hosts: site.agents.map((host) => ({
        host: host.name,
        agents: options.count,
        pids: started.filter((process) => process.host.name === host.name).map((process) => process.pid),
      })),
      connections: options.connections,
      jitterMs: options.jitterMs,
      obtained: timingOf(
        rounds.map((agent) => Number(agent.gotNs - agent.fromNs)),
        0,
      ),
      generator: worstGenerator(collector.record.intervals),
    };
  } catch (error) {
    progress?.step('ending what was started');
    await endProcesses(started);
    await collector.catchUp(3000);
    await removeProcesses(started);
    throw error;
  } finally {
    await collector.stop();
  }
}

/** A connection is a file: with too few, agents could never all be connected. */
function requireFiles(planned: readonly PlannedAgents[], started: readonly StartedProcess[]): void {
  for (const process of started) {
    const plan = planned.find((one) => one.host.name === process.host.name && one.name === process.name);
    if (plan === undefined || process.limits.nofile >= plan.nofile) continue;
    throw new OperationError(
      `${plan.config.count} agents need ${plan.nofile} open files, and the host allows ${process.limits.nofile}`,
      { where: process.host.name, hint: 'raise it with etcdperf hosts:init, or use --connections shared:N' },
    );
  }
}
