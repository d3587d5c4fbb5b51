import { type ClockErrors, clockErrorBetween } from './clock-errors.ts';
import type { Moment } from './observations.ts';

/** The moments that part a failover's phases. */
export interface Milestones {
  readonly killed: Moment;
  /** The first that anybody was told that the master's key is gone. */
  readonly gone: Moment;
  /** The later winner was told. */
  readonly notified: Moment;
  readonly elected: Moment;
  readonly payload: Moment;
  /** The last agent has the new master and its payload. */
  readonly lastAgent: Moment;
}

/** How long something took, and by how much two clocks may have falsified that (0 on one host). */
export interface Span {
  readonly ms: number;
  readonly clockErrorMs: number;
}

/** A failover's phases in the order of their happening. They add up to the time from the kill to the last agent. */
export interface Phases {
  /** Kill → the key is gone: the rest of the lease, etcd's expiry scan, the revoke's commit. Has the floor. */
  readonly expiry: Span;
  /** → the later winner was told. */
  readonly notification: Span;
  /** → its transaction won. */
  readonly election: Span;
  /** → the payload is written. */
  readonly payload: Span;
  /** → the last agent has both. */
  readonly agents: Span;
}

/** The phases between milestones. */
export function roundPhases(milestones: Milestones, errors: ClockErrors): Phases {
  const { killed, gone, notified, elected, payload, lastAgent } = milestones;
  return {
    expiry: spanBetween(killed, gone, errors),
    notification: spanBetween(gone, notified, errors),
    election: spanBetween(notified, elected, errors),
    payload: spanBetween(elected, payload, errors),
    agents: spanBetween(payload, lastAgent, errors),
  };
}

/** From one moment to another; negative where the clocks are further apart than what was measured. */
export function spanBetween(from: Moment, to: Moment, errors: ClockErrors): Span {
  return {
    ms: Number(to.atNs - from.atNs) / 1e6,
    clockErrorMs: clockErrorBetween(errors, from.host, to.host),
  };
}
