import { type ClockErrors, worstClockError } from './clock-errors.ts';
import type { ExperimentRecord } from './experiment-record.ts';
import { type FailoverFloor, failoverFloor } from './failover-floor.ts';
import { findOverlaps, type Overlap } from './find-overlaps.ts';
import { isoTime } from './iso-time.ts';
import type { Moment, Term } from './observations.ts';
import { type Phases, roundPhases, type Span, spanBetween } from './round-phases.ts';
import { type Timing, timingOf } from './timing.ts';

/**
 * How a round ended: somebody took over and every agent whose process lives followed; the time was over before; or the
 * experiment was broken off in the middle of it, and what is missing says nothing.
 */
export type RoundOutcome = 'complete' | 'timed out' | 'broken off';

/** One failover: from a master's death to the last agent that follows the next one. */
export interface RoundReport {
  /** The round that followed the kill, and that agents settled in. */
  readonly round: number;
  readonly outcome: RoundOutcome;
  /** ISO time with microseconds, on the clock of the killed master's host. */
  readonly killedAt: string;
  readonly from: string;
  /** Who took over; null if nobody did within the time limit. */
  readonly to: string | null;
  /** The least that the expiry must take; see `failoverFloor`. */
  readonly floorMs: number;
  readonly floor: FailoverFloor;
  /** What etcd granted the killed master. */
  readonly grantedTtlSeconds: number;
  /** Kill → the next master's transaction won. */
  readonly elected: Span | null;
  readonly phases: Phases | null;
  /** Per agent: kill → told that the master is gone. */
  readonly notified: Timing;
  /** Per agent: told → has the new master and its payload. */
  readonly obtained: Timing;
  /** How many expected agents recorded nothing in this round, and the first of them. */
  readonly missed: number;
  readonly missing: readonly string[];
  /** How many masters were elected in between and lost the office again before agents could follow; 0 when all is well. */
  readonly superseded: number;
  /** How many moments with two masters there were since the last round began, and which. */
  readonly overlaps: number;
  readonly overlapMoments: readonly Overlap[];
}

/** A master's end by our hand. */
export interface MasterKill {
  readonly candidate: string;
  readonly host: string;
  /** The host's wall clock right before and right after the signal. */
  readonly beforeNs: bigint;
  readonly afterNs: bigint;
  readonly grantedTtlSeconds: number;
  readonly refreshMs: number;
}

export interface RoundQuestion {
  /** The round that the kill began. */
  readonly firstRound: number;
  /** The round that agents settled in: the same, or a later one. */
  readonly round: number;
  readonly outcome: RoundOutcome;
  readonly kill: MasterKill;
  /** Identities of all agents that were started. */
  readonly expected: ReadonlySet<string>;
  readonly clockErrors: ClockErrors;
  /** Until when is known what happened, wall clock ns. */
  readonly asOfNs: bigint;
}

const shownMissing = 20;

/** Says what happened in a round, from what the processes told. */
export function reportRound(record: ExperimentRecord, question: RoundQuestion): RoundReport {
  const { firstRound, round, kill, expected, clockErrors, asOfNs } = question;
  const killed: Moment = { host: kill.host, atNs: (kill.beforeNs + kill.afterNs) / 2n };
  // The kill itself happened somewhere between two readings of the clock.
  const killErrorMs = Number(kill.afterNs - kill.beforeNs) / 2e6;
  const term = record.termOf(round);
  const agents = [...record.agentsOf(round).values()];
  const told = agents.filter((agent) => !agent.isFirst);
  const missing = [...expected].filter((identity) => !record.recordedOf(round).has(identity));
  const floor = failoverFloor(kill);
  const overlapMoments = findOverlaps(record.terms.map(toBelief), clockErrors, asOfNs).filter(
    (overlap) => overlap.round >= firstRound && overlap.round <= round,
  );
  return {
    round,
    outcome: question.outcome,
    killedAt: isoTime(killed.atNs),
    from: kill.candidate,
    to: term?.candidate ?? null,
    floorMs: floor.minMs,
    floor,
    grantedTtlSeconds: kill.grantedTtlSeconds,
    elected: term ? withKillError(spanBetween(killed, electedMoment(term), clockErrors), killErrorMs) : null,
    phases: term ? phasesOf(record, question, term, killed, killErrorMs) : null,
    notified: timingOf(
      told.map((agent) => Number(agent.fromNs - killed.atNs)),
      killErrorMs + worstClockError(clockErrors, kill.host, new Set(told.map((agent) => agent.host))),
    ),
    obtained: timingOf(
      agents.map((agent) => Number(agent.gotNs - agent.fromNs)),
      0,
    ),
    missed: missing.length,
    missing: missing.slice(0, shownMissing),
    superseded: record.terms.filter((one) => one.round >= firstRound && one.round < round).length,
    overlaps: overlapMoments.length,
    overlapMoments,
  };
}

function phasesOf(
  record: ExperimentRecord,
  { firstRound, clockErrors: errors }: RoundQuestion,
  term: Term,
  killed: Moment,
  killErrorMs: number,
): Phases {
  const elected = electedMoment(term);
  const notified = { host: term.host, atNs: term.notifiedNs ?? term.electedNs };
  const payload = { host: term.host, atNs: term.payloadNs ?? term.electedNs };
  let lastAgent: Moment = payload;
  for (const agent of record.agentsOf(term.round).values()) {
    if (agent.gotNs > lastAgent.atNs) lastAgent = { host: agent.host, atNs: agent.gotNs };
  }
  const gone = record.firstNotified(firstRound, term.round) ?? notified;
  const phases = roundPhases({ killed, gone, notified, elected, payload, lastAgent }, errors);
  return { ...phases, expiry: withKillError(phases.expiry, killErrorMs) };
}

function electedMoment(term: Term): Moment {
  return { host: term.host, atNs: term.electedNs };
}

function withKillError(span: Span, killErrorMs: number): Span {
  return { ms: span.ms, clockErrorMs: span.clockErrorMs + killErrorMs };
}

function toBelief({ candidate, host, round, rev, electedNs, endedNs }: Term) {
  return { candidate, host, round, rev, fromNs: electedNs, untilNs: endedNs };
}
