import type { LoadPart } from '@etcdperf/core/load';
import type { PatternSpace, Workload } from '@etcdperf/core/workload';
import type { WriteObserver } from '../services/verify/write-observer.ts';
import { WatchedNodes } from '../services/watches/watched-nodes.ts';
import { ChurnSubtrees } from './churn-subtrees.ts';
import { ChurnValues } from './churn-values.ts';
import type { WriteParts } from './key-puts.ts';
import { LoadKeys } from './load-keys.ts';
import { ReadRanges } from './read-ranges.ts';
import { RereadWatched } from './reread-watched.ts';
import { RewriteKeys } from './rewrite-keys.ts';
import { SubtreesInFlight } from './subtrees-in-flight.ts';
import { TakenNodes } from './taken-nodes.ts';
import type { WriteCounter } from './write-counter.ts';

/** How far a driver has come with what it does only once. */
export interface DriverProgress {
  /** All keys before this one are loaded. */
  readonly loaded: number;
  /** Subtrees deleted before this turn are all written again. */
  readonly churned: number;
}

export interface DriverParts {
  /** Loads the keys and ends by itself; undefined: they are there. */
  readonly ramp: LoadPart | undefined;
  /** What goes on at once after that, until it is ended; may be none. */
  readonly steady: readonly LoadPart[];
  /** At any moment: a driver that starts from here misses nothing. */
  progress(): DriverProgress;
  /**
   * After the steady load: writes what is missing of deleted subtrees, and ends by itself; undefined: nothing is.
   * Nothing of `steady` may be sent any more.
   */
  finish(): LoadPart | undefined;
}

/** A part of its own for each of the seeds that come from a workload's. */
const SEED = { values: 0.25, reads: 0.75 } as const;

/**
 * Makes the parts of a driver's load, all in this thread, with the counters `puts`, `putBytes`, `deletes` (keys),
 * `clientDeletes` (requests), `gets`, `clientGets`, `getBytes`, `prefixGets`, `clientPrefixGets`, `prefixGetBytes`.
 *
 * @param from where the driver before this one ended
 */
export function driverParts(
  workload: Workload,
  space: PatternSpace,
  writes: WriteCounter,
  observer?: WriteObserver,
  from: DriverProgress = { loaded: 0, churned: 0 },
): DriverParts {
  const parts = { space, writes, observer };
  const { valueChurn, reads, seed } = workload;
  const ramp = loadPart(workload, parts, from.loaded);
  const churn = subtreeChurn(workload, parts, from.churned);
  const steady: LoadPart[] = [...(churn?.parts ?? [])];
  if (valueChurn !== undefined) {
    const operation = new ChurnValues(parts, seed + SEED.values, churn?.inFlight);
    steady.push({ pace: { kind: 'open', ratePerSec: valueChurn.ratePerSec }, operation, goal: operation });
  }
  if (reads !== undefined) {
    const operation = new ReadRanges(space, reads, seed + SEED.reads);
    steady.push({ pace: { kind: 'open', ratePerSec: reads.ratePerSec }, operation });
  }
  steady.push(...rereadPart(workload, space));
  return {
    ramp: ramp?.part,
    steady,
    progress: () => ({
      loaded: ramp?.operation.loaded ?? space.size,
      churned: churn?.subtrees.oldestTurn ?? from.churned,
    }),
    finish: () => {
      if (churn === undefined) return undefined;
      const { subtrees, rewrite } = churn;
      subtrees.end(performance.now());
      const pace = { kind: 'closed', clients: workload.clients } as const;
      return rewrite.isDone ? undefined : { pace, operation: rewrite, goal: rewrite };
    },
  };
}

function loadPart({ load, clients }: Workload, parts: WriteParts, loaded: number) {
  if (load === undefined || loaded >= parts.space.size) return undefined;
  const operation = new LoadKeys(parts, loaded);
  const { ratePerSec } = load;
  const pace =
    ratePerSec === undefined ? ({ kind: 'closed', clients } as const) : ({ kind: 'open', ratePerSec } as const);
  const part: LoadPart = { pace, operation, goal: operation };
  return { operation, part };
}

/** Deletions at their rate, and beside them the writing of what they deleted. */
function subtreeChurn({ subtreeChurn: churn, clients, seed }: Workload, parts: WriteParts, firstTurn: number) {
  if (churn === undefined) return undefined;
  const { level, percent, ratePerSec } = churn;
  const inFlight = new SubtreesInFlight(parts.space, level);
  const rewrite = new RewriteKeys(parts, inFlight);
  const nodes = new TakenNodes(parts.space.nodesAt(level), percent, seed);
  const subtrees = new ChurnSubtrees({ ...parts, level, nodes, inFlight, rewrite, firstTurn });
  const both: readonly LoadPart[] = [
    { pace: { kind: 'open', ratePerSec }, operation: subtrees, goal: subtrees },
    { pace: { kind: 'queued', queue: rewrite, clients }, operation: rewrite },
  ];
  return { subtrees, rewrite, inFlight, parts: both };
}

/** All that is watched, once in each interval. */
function rereadPart({ watches }: Workload, space: PatternSpace): LoadPart[] {
  if (watches?.rereadIntervalMs === undefined) return [];
  const watched = new WatchedNodes(space, watches);
  if (watched.watchers === 0) return [];
  const ratePerSec = (watched.watchers * 1000) / watches.rereadIntervalMs;
  return [{ pace: { kind: 'open', ratePerSec }, operation: new RereadWatched(space, watched) }];
}
