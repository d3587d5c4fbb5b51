import { type ClockErrors, worstClockError } from './clock-errors.ts';
import { isoTime } from './iso-time.ts';
import type { AgentRound, Moment } from './observations.ts';
import { type Distribution, distributionOf } from './timing.ts';

/** One round as its agents went through it. */
export interface RoundSummary {
  readonly round: number;
  /** Whom most agents found; one entry unless they disagree. */
  readonly masters: readonly string[];
  readonly agents: number;
  /** ISO time of the kill that began the round; undefined for the first round, or where nobody knows. */
  readonly killedAt: string | undefined;
  /** Notified − killed; undefined where there was no kill. */
  readonly notified: Distribution | undefined;
  /** Got − notified; of an agent's first round got − start. */
  readonly obtained: Distribution;
}

/** Summarises what agents recorded of one round. Who joined late counts in `obtained`, not in `notified`. */
export function summariseRound(
  round: number,
  agents: readonly AgentRound[],
  kill: Moment | undefined,
  errors: ClockErrors,
): RoundSummary {
  const told = agents.filter((agent) => !agent.isFirst);
  const hosts = new Set(told.map((agent) => agent.host));
  return {
    round,
    masters: [...new Set(agents.map((agent) => agent.master))],
    agents: agents.length,
    killedAt: kill && isoTime(kill.atNs),
    notified:
      kill &&
      distributionOf(
        told.map((agent) => Number(agent.fromNs - kill.atNs)),
        worstClockError(errors, kill.host, hosts),
      ),
    obtained: distributionOf(
      agents.map((agent) => Number(agent.gotNs - agent.fromNs)),
      0,
    ),
  };
}
