import { InputError } from '@etcdperf/core/errors';
import type { RunFolder } from '@etcdperf/core/runs';
import type { ElectionEvent } from '../protocol/index.ts';
import { eventsOrigin } from './event-collector.ts';
import { ExperimentRecord } from './experiment-record.ts';
import { clockErrors, type HostClock } from './measure-clocks.ts';
import type { Moment } from './observations.ts';
import { killsFile } from './play-round.ts';
import { type RoundSummary, summariseRound } from './round-summary.ts';
import { clocksFile } from './run-failover.ts';

/** What agents went through, round by round. */
export interface ElectionSummary {
  /** Where the figures come from. */
  readonly source:
    | { readonly kind: 'run'; readonly dir: string }
    | { readonly kind: 'etcd'; readonly endpoints: readonly string[] };
  readonly rounds: readonly RoundSummary[];
}

/** A kill as the run folder has it. */
interface NotedKill {
  readonly round: number;
  readonly host: string;
  readonly beforeNs: string;
  readonly afterNs: string;
}

/** Summarises the rounds of a run from the events in its folder. Throws InputError where there is no such round. */
export async function summariseRun(run: RunFolder, onlyRound: number | undefined): Promise<ElectionSummary> {
  const record = new ExperimentRecord();
  const kills: NotedKill[] = [];
  const clocks: HostClock[] = [];
  for (const { name } of await run.files()) {
    const origin = eventsOrigin(name);
    if (origin !== undefined) for await (const event of run.events<ElectionEvent>(name)) record.add(origin, event);
    if (name === killsFile) for await (const kill of run.events<NotedKill>(name)) kills.push(kill);
    if (name === clocksFile) for await (const clock of run.events<HostClock>(name)) clocks.push(clock);
  }
  const rounds = pickRounds(record.rounds(), onlyRound, run.dir);
  const errors = clockErrors(clocks);
  // A round that nobody settled in is followed by another one of the same kill.
  const killOf = new Map(kills.map((kill) => [record.rounds().find((round) => round >= kill.round), momentOf(kill)]));
  return {
    source: { kind: 'run', dir: run.dir },
    rounds: rounds.map((round) =>
      summariseRound(round, [...record.agentsOf(round).values()], killOf.get(round), errors),
    ),
  };
}

/** The rounds to be shown. Throws InputError if there is none, or not the one asked for. */
export function pickRounds(rounds: readonly number[], only: number | undefined, where: string): readonly number[] {
  if (rounds.length === 0) throw new InputError('no agent has recorded a round', { where });
  if (only === undefined) return rounds;
  if (rounds.includes(only)) return [only];
  throw new InputError(`no agent has recorded round ${only}`, { where, hint: `there are rounds ${rounds.join(', ')}` });
}

function momentOf({ host, beforeNs, afterNs }: NotedKill): Moment {
  return { host, atNs: (BigInt(beforeNs) + BigInt(afterNs)) / 2n };
}
