import type { LatencyFigures } from '@etcdperf/core/stats';
import type { WatchFleet } from '@etcdperf/core/watches';
import type { MissingEvents } from './missing-events.ts';
import type { SignedFigures } from './signed-figures.ts';
import type { WatcherCounts, WatchLedger } from './watch-ledger.ts';
import type { WatchPlan } from './watch-plan.ts';

/** A watcher that did not simply have every event once and in order. */
export interface TroubledWatcher extends WatcherCounts {
  readonly watcher: number;
  readonly key: string;
  readonly isBranch: boolean;
  /** Why etcd ended its watch for good. */
  readonly refusal: string | undefined;
}

/** What watchers saw: the part of a report that others don't have. */
export interface WatchFigures {
  readonly watchers: number;
  readonly streams: number;
  readonly connections: number;
  /** Different keys and branches that are watched. */
  readonly ranges: number;
  readonly creation: {
    /** From asking for the first watch until the last was in place. */
    readonly ms: number;
    readonly perSec: number;
    /** Of a single watch. */
    readonly latency: LatencyFigures;
  };
  /** Of all watchers together, the warm-up included. `expected` = `delivered` + `lost` + `undelivered` + `compacted`. */
  readonly events: {
    /** By the writes that are known to have happened. */
    readonly expected: number;
    readonly delivered: number;
    /** Never came although the watch stands. */
    readonly lost: number;
    /** Had not come when the run was cut short, or when a watch did not stand any more. */
    readonly undelivered: number;
    readonly duplicated: number;
    /** Of `delivered`: came after one with a higher revision. */
    readonly reordered: number;
    /** Compacted away before a watcher could have them, as etcd told. */
    readonly compacted: number;
    /** Of writes by others; of a transaction's several keys, all but the first are not among `delivered`. */
    readonly foreign: number;
    /** Of `delivered`: known from the intended start only, as their writes never got an answer or long ago. */
    readonly untimed: number;
    /** Of the measured window, until its last event. */
    readonly perSec: number;
    /** For each second of this process's CPU time, writes included. */
    readonly perCpuSec: number;
  };
  /** No event was lost, came twice, or out of order: etcd's promise. */
  readonly isPromiseKept: boolean;
  /** From the acknowledgement of its write to an event: negative where the event came first. */
  readonly lagFromAck: SignedFigures;
  readonly breaks: {
    /** Connections and streams that broke. */
    readonly disconnects: number;
    /** Watches put in place again, each with the revision after the last that it had seen. */
    readonly resumed: number;
    /** Watches that compaction overtook. */
    readonly gaps: number;
  };
  /** How many watchers there are in `watchers.jsonl`, and the first of them. */
  readonly troubledWatchers: number;
  readonly troubled: readonly TroubledWatcher[];
}

const MOST_SHOWN = 20;

/** What a load of watchers has counted, when it is over. */
export interface WatchCounted {
  readonly watch: WatchPlan;
  readonly fleet: WatchFleet;
  readonly ledger: WatchLedger;
  readonly foreign: number;
  readonly untimed: number;
  readonly lagFromAck: SignedFigures;
  readonly creationMs: number;
  readonly cpuMs: number;
  readonly deliveryMs: number;
  /** Events of the measured window. */
  readonly measuredEvents: number;
  readonly missing: MissingEvents;
}

/** @param tell told each troubled watcher */
export function watchFigures(counted: WatchCounted, tell: (watcher: TroubledWatcher) => void): WatchFigures {
  const { watch, fleet, ledger, creationMs, cpuMs, deliveryMs, measuredEvents, missing } = counted;
  const { disconnects, resumed, gaps } = fleet;
  const troubled = troubledWatchers(counted);
  for (const one of troubled) tell(one);
  return {
    watchers: watch.targets.length,
    streams: fleet.streams,
    connections: fleet.connections,
    ranges: watch.ranges,
    creation: {
      ms: creationMs,
      perSec: rate(fleet.created, creationMs),
      latency: fleet.creationLatency.figures(),
    },
    events: {
      expected: ledger.expected,
      delivered: ledger.delivered,
      ...missing,
      duplicated: ledger.duplicated,
      reordered: ledger.reordered,
      compacted: ledger.compacted,
      foreign: counted.foreign,
      untimed: counted.untimed,
      perSec: rate(measuredEvents, deliveryMs),
      perCpuSec: rate(measuredEvents, cpuMs),
    },
    isPromiseKept: missing.lost + ledger.duplicated + ledger.reordered === 0,
    lagFromAck: counted.lagFromAck,
    breaks: { disconnects, resumed, gaps },
    troubledWatchers: troubled.length,
    troubled: troubled.slice(0, MOST_SHOWN),
  };
}

function troubledWatchers({ watch, fleet, ledger }: WatchCounted): TroubledWatcher[] {
  const troubled: TroubledWatcher[] = [];
  watch.targets.forEach(({ key, prefix }, watcher) => {
    const counts = ledger.countsOf(watcher);
    const refusal = fleet.refusals.get(watcher);
    const { missing, duplicated, reordered, compacted } = counts;
    if (missing + duplicated + reordered + compacted === 0 && refusal === undefined) return;
    troubled.push({ watcher, key: key.toString(), isBranch: prefix === true, refusal, ...counts });
  });
  return troubled;
}

function rate(count: number, ms: number): number {
  return ms > 0 ? (count * 1000) / ms : 0;
}
