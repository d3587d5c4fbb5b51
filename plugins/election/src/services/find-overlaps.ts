import { type ClockErrors, clockErrorBetween } from './clock-errors.ts';

/** A time during which one candidate believed to be master. */
export interface Belief {
  readonly candidate: string;
  readonly host: string;
  readonly round: number;
  /** The revision that made it master: the fencing token. */
  readonly rev: number;
  readonly fromNs: bigint;
  /** When it knew that it was no longer master, or was killed; undefined while it still believes. */
  readonly untilNs: bigint | undefined;
}

/** A moment with two masters. */
export interface Overlap {
  /** The older master, that still believed. */
  readonly stale: string;
  /** The newer one, which etcd's higher revision makes the right one. */
  readonly rightful: string;
  readonly round: number;
  readonly staleRev: number;
  readonly rightfulRev: number;
  /** How long both believed, in milliseconds, and by how much that may be wrong. */
  readonly ms: number;
  readonly clockErrorMs: number;
}

/**
 * Finds moments when two candidates believed to be master at once. Order comes from etcd's revisions (the higher one
 * is the rightful master), the length of the overlap from the two hosts' clocks. An overlap that is shorter than the
 * clocks' error bar is not reported: it can't be told from two clocks that are apart.
 *
 * `asOfNs` is the end of what is known: who has not stopped believing by then, is taken to believe until then.
 */
export function findOverlaps(beliefs: readonly Belief[], errors: ClockErrors, asOfNs: bigint): Overlap[] {
  const byRevision = [...beliefs].sort((a, b) => a.rev - b.rev);
  const overlaps: Overlap[] = [];
  for (const [index, rightful] of byRevision.entries()) {
    for (const stale of byRevision.slice(0, index)) {
      const overlap = overlapOf(stale, rightful, errors, asOfNs);
      if (overlap) overlaps.push(overlap);
    }
  }
  return overlaps;
}

function overlapOf(stale: Belief, rightful: Belief, errors: ClockErrors, asOfNs: bigint): Overlap | undefined {
  const endNs = earlier(stale.untilNs ?? asOfNs, rightful.untilNs ?? asOfNs);
  const beginNs = later(stale.fromNs, rightful.fromNs);
  const ms = Number(endNs - beginNs) / 1e6;
  const clockErrorMs = clockErrorBetween(errors, stale.host, rightful.host);
  if (ms <= clockErrorMs) return undefined;
  return {
    stale: stale.candidate,
    rightful: rightful.candidate,
    round: rightful.round,
    staleRev: stale.rev,
    rightfulRev: rightful.rev,
    ms,
    clockErrorMs,
  };
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
