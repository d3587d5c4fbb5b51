import { killDaemon } from '@etcdperf/core/daemon';
import { OperationError } from '@etcdperf/core/errors';
import type { Run } from '@etcdperf/core/runs';
import type { WireClient } from '@etcdperf/core/wire';
import type { RunningElection } from './discover-election.ts';
import { agentIdentities, type CandidateProcess, findProcesses } from './election-processes.ts';
import { readOffice } from './election-state.ts';
import type { EventCollector } from './event-collector.ts';
import type { MasterKill, RoundOutcome } from './round-report.ts';
import { prepareRuntime, startProcess } from './start-processes.ts';
import { waitUntil } from './wait-until.ts';

export interface RoundContext {
  readonly run: Run;
  /** Told what is being done. */
  readonly step: (text: string) => void;
  readonly wire: WireClient;
  readonly election: RunningElection;
  readonly collector: EventCollector;
  /** How long a round may take: until somebody took over, and until all agents follow. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What was done to begin a round, and which round came of it. */
export interface PlayedRound {
  /** The round that the kill began. */
  readonly firstRound: number;
  /** The round that agents settled in: a later one where masters lost the office again before anybody could follow. */
  round: number;
  outcome: RoundOutcome;
  readonly kill: MasterKill;
  readonly killed: CandidateProcess;
}

/** The file of a run folder that kills are noted in. */
export const killsFile = 'kills.jsonl';

/** How often is looked whether agents' processes live while a round goes on. */
const livenessEveryMs = 2000;
/** A master whose office is this young is left alone: its agents are still on their way to it. */
const settleTimeoutMs = 15_000;

/**
 * Kills the master with SIGKILL on its host and waits until the next one is elected and all agents whose process lives
 * have recorded it, or the time is over: the report says what is missing. `onKilled` is told as soon as a round has begun,
 * so that one which is broken off is reported, too.
 */
export async function playRound(context: RoundContext, onKilled: (round: PlayedRound) => void): Promise<PlayedRound> {
  const { wire, election, collector, run, step, timeoutMs, signal } = context;
  const { record } = collector;
  step('waiting until the master has settled');
  const office = await waitForMaster(wire, signal);
  const killed = election.candidates.find(({ config }) => config.identity === office.master);
  if (killed === undefined) {
    throw new OperationError(`the master is '${office.master}', which is none of the candidates found`, {
      hint: 'does --limit leave its host out, or is another election in the same cluster?',
    });
  }
  await settle(collector, killed, office.round, signal);
  step(`killing the master, ${office.master} on ${killed.host.name}`);
  const { beforeNs, afterNs } = await killDaemon(killed.host.executor, killed.host.workDir, killed.name, 'SIGKILL');
  record.endTerms(office.master, afterNs);
  const kill: MasterKill = {
    candidate: office.master,
    host: killed.host.name,
    beforeNs,
    afterNs,
    grantedTtlSeconds: record.grantedTtlSeconds(office.master) ?? killed.config.ttlSeconds,
    refreshMs: killed.config.keepaliveMs,
  };
  const firstRound = office.round + 1;
  const played: PlayedRound = { firstRound, round: firstRound, outcome: 'broken off', kill, killed };
  onKilled(played);
  run.append(killsFile, { ...kill, round: firstRound, beforeNs: String(beforeNs), afterNs: String(afterNs) });
  step('waiting for the next master and its agents');
  let expected = election.expected;
  let lookedAt = performance.now();
  const complete = await waitUntil(
    async () => {
      played.round = Math.max(firstRound, record.lastRound());
      if (record.termOf(played.round)?.payloadNs === undefined) return undefined;
      const recorded = record.recordedOf(played.round);
      if ([...expected].every((identity) => recorded.has(identity))) return true;
      if (performance.now() - lookedAt > livenessEveryMs) {
        lookedAt = performance.now();
        expected = await livingAgents(election, signal);
      }
      return undefined;
    },
    { timeoutMs, signal },
  );
  played.outcome = complete ? 'complete' : 'timed out';
  return played;
}

/** Starts a killed candidate anew, as it was, and waits until it contends: rounds go on with the same number. */
export async function restartCandidate(
  candidate: CandidateProcess,
  killedNs: bigint,
  collector: EventCollector,
  signal: AbortSignal,
): Promise<void> {
  const { host, name, config } = candidate;
  const runtime = await prepareRuntime(host);
  await startProcess({ host, name, kind: 'candidate', config, nofile: 1024 }, runtime, signal);
  await waitUntil(() => (collector.record.waitingSince(config.identity) ?? 0n) > killedNs || undefined, {
    timeoutMs: settleTimeoutMs,
    signal,
  });
}

async function waitForMaster(wire: WireClient, signal: AbortSignal): Promise<{ master: string; round: number }> {
  const office = await waitUntil(
    async () => {
      const { master, round } = await readOffice(wire);
      return master === undefined ? undefined : { master, round };
    },
    { timeoutMs: settleTimeoutMs, signal },
  );
  if (office !== undefined) return office;
  throw new OperationError(`there is no master, and none came within ${settleTimeoutMs / 1000} s`, {
    hint: 'look at the candidates: etcdperf election:status',
  });
}

/** Waits, for a while, until the master has written its payload and re-read the store: rounds begin from rest. */
async function settle(
  { record }: EventCollector,
  master: CandidateProcess,
  round: number,
  signal: AbortSignal,
): Promise<void> {
  await waitUntil(
    () => {
      const term = record.termOf(round);
      const rested = term?.payloadNs !== undefined && (!master.config.recover || term.recovered !== undefined);
      return rested || undefined;
    },
    { timeoutMs: settleTimeoutMs, signal },
  );
}

/** The identities of agents whose process runs, as far as its host can be asked. */
async function livingAgents(election: RunningElection, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const results = await findProcesses(
    election.agents.map(({ host }) => host),
    signal,
  );
  const dead = new Set<string>();
  for (const result of results) {
    if (result.status === 'failed') continue;
    for (const { host, name, state } of result.value) if (state.kind !== 'running') dead.add(`${host.name} ${name}`);
  }
  const living = election.agents.filter(({ host, name }) => !dead.has(`${host.name} ${name}`));
  return new Set(living.flatMap(({ config }) => agentIdentities(config)));
}
