import type { RunningElection } from './discover-election.ts';
import type { ExperimentRecord } from './experiment-record.ts';
import { type Generator, worstGenerator } from './generator.ts';
import type { HostClock } from './measure-clocks.ts';
import type { RoundReport } from './round-report.ts';

/** What `election:failover` found. */
export interface FailoverResult {
  readonly run: { readonly dir: string };
  readonly endpoints: readonly string[];
  readonly algorithm: string;
  readonly candidates: number;
  readonly agents: {
    readonly expected: number;
    /** Recorded the last round. */
    readonly registered: number;
    /** Were started and have not recorded the last round: they never came back. */
    readonly lost: number;
    /** How often a watch went on after a cut, and how often changes were not seen. */
    readonly resumed: number;
    readonly gaps: number;
  };
  readonly rounds: readonly RoundReport[];
  readonly generator: Generator;
  readonly clocks: readonly HostClock[];
  /** What makes the results less than they seem; empty when all is well. */
  readonly warnings: readonly string[];
}

export interface Findings {
  readonly runDir: string;
  readonly endpoints: readonly string[];
  readonly election: RunningElection;
  readonly record: ExperimentRecord;
  readonly rounds: readonly RoundReport[];
  readonly clocks: readonly HostClock[];
  /** The first kill, wall clock ns: before it, nobody was measured. */
  readonly sinceNs: bigint | undefined;
  readonly timeoutMs: number;
  /** Hosts whose last events could not be collected. */
  readonly unread: readonly string[];
}

/** Puts together what was found in all rounds. */
export function failoverResult(findings: Findings): FailoverResult {
  const { election, record, rounds, clocks } = findings;
  const last = rounds.findLast(isOver);
  const expected = election.expected.size;
  const lost = last?.missed ?? 0;
  const generator = worstGenerator(record.intervals, findings.sinceNs);
  return {
    run: { dir: findings.runDir },
    endpoints: findings.endpoints,
    algorithm: election.candidates[0]?.config.algorithm ?? 'one-key',
    candidates: election.candidates.length,
    agents: { expected, registered: expected - lost, lost, resumed: record.resumed, gaps: record.gaps.length },
    rounds,
    generator,
    clocks,
    warnings: warningsOf(findings, generator),
  };
}

/** A round in the middle of which the experiment was broken off tells nothing about who is missing. */
function isOver(round: RoundReport): boolean {
  return round.outcome !== 'broken off';
}

function warningsOf({ election, rounds: all, clocks, timeoutMs, unread }: Findings, generator: Generator): string[] {
  const warnings: string[] = [];
  const rounds = all.filter(isOver);
  const orphan = rounds.find((round) => round.to === null);
  if (orphan) warnings.push(`nobody took over from ${orphan.from} within ${timeoutMs / 1000} s`);
  if (election.expected.size === 0) warnings.push('no agents run: only the election itself was measured');
  const incomplete = rounds
    .filter((round) => round.missed > 0)
    .map((round) => `${round.missed} in round ${round.round}`);
  if (incomplete.length > 0) warnings.push(`agents are missing: ${incomplete.join(', ')}`);
  const restless = rounds.filter((round) => round.superseded > 0).map((round) => round.round);
  if (restless.length > 0) {
    warnings.push(
      `before round ${restless.join(', ')} masters lost the office again before agents could follow: a machine is too busy to renew a lease in time`,
    );
  }
  const doubled = rounds.filter((round) => round.overlaps > 0).map((round) => round.round);
  if (doubled.length > 0) warnings.push(`there were two masters at once, around round ${doubled.join(', ')}`);
  const early = rounds.filter(
    ({ elected, floorMs }) => elected !== null && elected.ms + elected.clockErrorMs < floorMs,
  );
  if (early.length > 0) {
    warnings.push(
      `round ${early.map((round) => round.round).join(', ')} was faster than its floor: the master renewed its lease late, or clocks differ by more than measured`,
    );
  }
  if (generator.limited) {
    warnings.push(
      `the agents' own process did not keep up (${generator.cpuPercent.toFixed(0)} % of a core, its event loop ${generator.eventLoopLagP99Ms.toFixed(0)} ms late): the agents' times tell about it as much as about etcd`,
    );
  }
  const adrift = clocks.filter((clock) => !clock.synchronised).map((clock) => clock.host);
  // On one host there is only one clock, right or wrong.
  if (adrift.length > 0 && clocks.length > 1) warnings.push(`clocks that follow no time server: ${adrift.join(', ')}`);
  if (unread.length > 0) warnings.push(`the last events of ${unread.join(', ')} could not be collected`);
  return warnings;
}
