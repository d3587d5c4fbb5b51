import type { RenderLoadOptions } from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import { formatMs } from '@etcdperf/core/stats';
import type { TreeWatchExtra } from '../services/watches/tree-watch-work.ts';
import { renderStanding } from './render-standing.ts';

/** What watchers saw. */
export function renderTreeWatches(report: LoadReport & TreeWatchExtra, options: RenderLoadOptions = {}): string {
  const { watch } = report;
  const { latency } = watch.creation;
  const facts = [
    `watchers: ${watch.inPlace} of ${watch.watchers} in place at the end, by level ${watch.perLevel.join(', ')}; put in place within ` +
      `${formatMs(watch.creation.ms)} (${watch.creation.perSec}/s), each within p50 ${formatMs(latency.p50Ms)}, ` +
      `p99 ${formatMs(latency.p99Ms)}, max ${formatMs(latency.maxMs)}`,
    `events: ${watch.events} (${watch.eventsPerSec}/s), ${watch.eventBytes} bytes of keys and values; ` +
      `${watch.duplicated} twice, ${watch.reordered} out of order`,
    `breaks: ${watch.disconnects} of connections and streams, ${watch.resumed} watches put in place again, ${watch.gaps} overtaken by compaction`,
  ];
  return renderStanding(report, facts, options);
}
