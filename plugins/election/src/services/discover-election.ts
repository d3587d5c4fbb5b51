import { OperationError } from '@etcdperf/core/errors';
import {
  type AgentsProcess,
  agentIdentities,
  type CandidateProcess,
  findProcesses,
  readAgents,
  readCandidate,
} from './election-processes.ts';
import { hostsOf, type Site } from './site.ts';

/** An election that runs. */
export interface RunningElection {
  readonly candidates: readonly CandidateProcess[];
  readonly agents: readonly AgentsProcess[];
  /** The identities of all agents that were started. */
  readonly expected: ReadonlySet<string>;
}

/**
 * Finds the candidates and agents that run on the site's hosts, and what they were started with. Agents whose process
 * has ended still count as expected. Throws OperationError if a host can't be asked, or if nobody could take over.
 */
export async function discoverElection(site: Site, signal?: AbortSignal): Promise<RunningElection> {
  const results = await findProcesses(hostsOf(site), signal);
  signal?.throwIfAborted();
  for (const result of results) if (result.status === 'failed') throw result.error;
  const found = results.flatMap((result) => (result.status === 'ok' ? result.value : []));
  const candidates = found.filter(({ kind, state }) => kind === 'candidate' && state.kind === 'running');
  if (candidates.length < 2) {
    throw new OperationError(
      candidates.length === 0 ? 'no candidates run' : 'only one candidate runs: nobody could take over',
      {
        where: site.masters.map((host) => host.name).join(', '),
        hint: 'start them: etcdperf election:masters --count 3',
      },
    );
  }
  const agents = await Promise.all(found.filter(({ kind }) => kind === 'agents').map(readAgents));
  return {
    candidates: await Promise.all(candidates.map(readCandidate)),
    agents,
    expected: new Set(agents.flatMap(({ config }) => agentIdentities(config))),
  };
}
