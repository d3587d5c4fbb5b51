import type { IntervalSample, LoadReport } from '@etcdperf/core/load';
import type { LatencyFigures } from '@etcdperf/core/stats';
import type { PatternSpace, TreeWatches } from '@etcdperf/core/workload';
import type { StandingWork } from '../stand/run-standing.ts';
import { openTreeWatches, type TreeWatchSource } from './open-tree-watches.ts';
import { WatchedNodes } from './watched-nodes.ts';

/** What watchers saw while others wrote. */
export interface TreeWatchFigures {
  /** By level of the pattern, as asked. */
  readonly perLevel: readonly number[];
  readonly watchers: number;
  /** At the end. */
  readonly inPlace: number;
  readonly creation: {
    readonly ms: number;
    readonly perSec: number;
    /** Of single watches. */
    readonly latency: LatencyFigures;
  };
  readonly events: number;
  readonly eventsPerSec: number;
  /** Of their keys and values. */
  readonly eventBytes: number;
  /** Came twice, and out of order: etcd promises neither. */
  readonly duplicated: number;
  readonly reordered: number;
  /** Watches that compaction overtook, that were put in place again, and connections and streams that broke. */
  readonly gaps: number;
  readonly resumed: number;
  readonly disconnects: number;
}

/** What the report has beyond every other's. */
export interface TreeWatchExtra {
  readonly watch: TreeWatchFigures;
}

/** Watches of a pattern alone: others write. Throws InputError for watchers on levels that aren't there. */
export function treeWatchWork(
  space: PatternSpace,
  watches: TreeWatches,
  connections: number,
): StandingWork<TreeWatchSource, TreeWatchExtra> {
  const nodes = new WatchedNodes(space, watches);
  let before = { events: 0, bytes: 0 };
  return {
    open: (access) => openTreeWatches({ access, space, nodes, connections }),
    line(sample) {
      const text = watchLine(sample, nodes.watchers, before);
      before = { events: sample.counters.watchEvents ?? 0, bytes: sample.counters.watchEventBytes ?? 0 };
      return text;
    },
    async conclude(source, { counters, durationMs }: LoadReport) {
      const count = (name: string) => counters[name] ?? 0;
      const { creationMs, creationLatency } = source;
      return {
        watch: {
          perLevel: watches.perLevel.map((watchers, level) => (watchers === 'every' ? space.nodesAt(level) : watchers)),
          watchers: nodes.watchers,
          inPlace: count('watchers'),
          creation: {
            ms: Math.round(creationMs),
            perSec: Math.round((nodes.watchers * 1000) / Math.max(1, creationMs)),
            latency: creationLatency.figures(),
          },
          events: count('watchEvents'),
          eventsPerSec: Math.round((count('watchEvents') * 1000) / durationMs),
          eventBytes: count('watchEventBytes'),
          duplicated: count('watchDuplicates'),
          reordered: count('watchReordered'),
          gaps: count('watchGaps'),
          resumed: count('watchesResumed'),
          disconnects: count('watchDisconnects'),
        },
      };
    },
  };
}

function watchLine(sample: IntervalSample, asked: number, before: { events: number; bytes: number }): string {
  const { fromMs, toMs, counters } = sample;
  const { watchers = 0, watchEvents = 0, watchEventBytes = 0, watchGaps = 0, watchDisconnects = 0 } = counters;
  const perSec = (count: number) => Math.round((count * 1000) / (toMs - fromMs));
  return [
    `${Math.round(toMs / 1000)} s: ${watchers}${watchers === asked ? '' : ` of ${asked}`} watchers`,
    `${perSec(watchEvents - before.events)} events/s, ${perSec(watchEventBytes - before.bytes)} bytes/s`,
    `${watchEvents} events so far`,
    ...(watchGaps > 0 ? [`${watchGaps} overtaken by compaction`] : []),
    ...(watchDisconnects > 0 ? [`${watchDisconnects} disconnect${watchDisconnects === 1 ? '' : 's'}`] : []),
  ].join('; ');
}
