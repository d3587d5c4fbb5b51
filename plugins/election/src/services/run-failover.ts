import { hostname, userInfo } from 'node:os';
import { electionKeys } from '../protocol/index.ts';
import { connectWire } from './connect-wire.ts';
import { discoverElection } from './discover-election.ts';
import { eventSource } from './election-processes.ts';
import { EventCollector } from './event-collector.ts';
import { takeExperimentLock } from './experiment-lock.ts';
import { type FailoverResult, failoverResult } from './failover-result.ts';
import { clockErrors, type HostClock, measureClocks, worseClocks } from './measure-clocks.ts';
import { type PlayedRound, playRound, restartCandidate } from './play-round.ts';
import { requireQuorum } from './require-quorum.ts';
import { type RoundReport, reportRound } from './round-report.ts';
import { hostsOf, type Site } from './site.ts';
import type { RunContext } from './start-agents.ts';

export interface FailoverOptions {
  readonly rounds: number;
  /** How long one round may take. */
  readonly timeoutMs: number;
  /** Whether a killed candidate is started anew after its round. */
  readonly restart: boolean;
  /** Told after each round. */
  readonly onRound?: ((round: RoundReport) => void) | undefined;
}

/** The file of a run folder that the hosts' clock readings are in, one a line. */
export const clocksFile = 'clocks.jsonl';

/** How long hosts may take to hand over their last events. */
const catchUpMs = 15_000;
const catchUpInterruptedMs = 3000;

/**
 * Kills the master, round after round, on a cluster where candidates and agents run, and reports what everybody went
 * through. One experiment at a time: a second one on the same cluster throws an OperationError that names the first.
 *
 * Events and rounds are in the run folder as they happen, the result at the end, also when it is broken off. What the
 * experiment found running it leaves running; a killed candidate is started anew (`restart`).
 */
export async function runFailover(site: Site, options: FailoverOptions, context: RunContext): Promise<FailoverResult> {
  const { run, progress } = context;
  await requireQuorum(site.access);
  await using etcd = await connectWire(site.access, context.signal);
  await using lock = await takeExperimentLock(etcd.wire, electionKeys().experiment, {
    who: `${userInfo().username}@${hostname()}`,
    pid: process.pid,
    since: new Date().toISOString(),
    run: run.dir,
  });
  const signal = AbortSignal.any([lock.lost, ...(context.signal ? [context.signal] : [])]);
  const hosts = hostsOf(site);
  const isLocal = hosts.every((host) => host.executor.kind === 'local');

  progress?.step('looking for candidates and agents, measuring clocks');
  const election = await discoverElection(site, signal);
  const clocksBefore = await measureClocks(hosts, signal);
  for (const clock of clocksBefore) run.append(clocksFile, clock);

  const collector = new EventCollector(run, { everyMs: isLocal ? 500 : 1000 });
  const played: PlayedRound[] = [];
  const report = ({ firstRound, round, outcome, kill }: PlayedRound, clocks: readonly HostClock[]) =>
    reportRound(collector.record, {
      firstRound,
      round,
      outcome,
      kill,
      expected: election.expected,
      clockErrors: clockErrors(clocks),
      asOfNs: BigInt(Date.now()) * 1_000_000n,
    });

  const playAll = async () => {
    collector.follow([...election.candidates, ...election.agents].map(eventSource));
    await collector.catchUp(catchUpMs);
    for (let number = 1; number <= options.rounds; number++) {
      const step = (text: string) => progress?.step(`failover ${number} of ${options.rounds}: ${text}`);
      const { timeoutMs } = options;
      const round = await playRound({ wire: etcd.wire, election, collector, run, step, timeoutMs, signal }, (begun) =>
        played.push(begun),
      );
      await collector.catchUp(catchUpMs);
      const latest = report(round, clocksBefore);
      run.append('rounds.jsonl', latest);
      options.onRound?.(latest);
      if (latest.to === null) return;
      if (!options.restart) continue;
      step(`starting ${round.kill.candidate} anew`);
      await restartCandidate(round.killed, round.kill.afterNs, collector, signal);
    }
  };

  // Results are written and events collected however it ends; what made it end is thrown after that.
  const [outcome] = await Promise.allSettled([playAll()]);
  progress?.step('collecting the last events');
  const unread = await collector.catchUp(signal.aborted ? catchUpInterruptedMs : catchUpMs);
  await collector.stop();
  const clocksAfter = signal.aborted ? [] : await measureClocks(hosts, signal).catch(() => []);
  const clocks = worseClocks(clocksBefore, clocksAfter);
  const result = failoverResult({
    runDir: run.dir,
    endpoints: site.access.endpoints,
    election,
    record: collector.record,
    rounds: played.map((round) => report(round, clocks)),
    clocks,
    sinceNs: played[0]?.kill.beforeNs,
    timeoutMs: options.timeoutMs,
    unread: unread.map(({ source }) => `${source.executor.name} (${source.process})`),
  });
  run.writeResult(result);
  if (outcome.status === 'rejected') throw outcome.reason;
  return result;
}
