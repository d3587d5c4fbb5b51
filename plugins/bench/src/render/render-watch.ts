import { renderTable } from '@etcdperf/core/cli';
import { formatMs } from '@etcdperf/core/stats';
import type { TroubledWatcher, WatchFigures } from '../services/watch/watch-figures.ts';

/** What watchers saw. */
export function renderWatch(watch: WatchFigures): string {
  const { watchers, streams, connections, ranges, creation, events, breaks } = watch;
  const lines = [
    `watchers: ${watchers} on ${count(streams, 'stream')} and ${count(connections, 'connection')}, of ${count(ranges, 'key or branch', 'keys and branches')}; in place after ` +
      `${formatMs(creation.ms)} (${perSec(creation.perSec)}), each within p50 ${formatMs(creation.latency.p50Ms)}, ` +
      `p99 ${formatMs(creation.latency.p99Ms)}, max ${formatMs(creation.latency.maxMs)}`,
    `events: ${events.delivered} of ${events.expected} delivered, ${perSec(events.perSec)}, ` +
      `${perSec(events.perCpuSec)} for each second of CPU time`,
    `  ${events.lost} lost, ${events.duplicated} duplicated, ${events.reordered} out of order` +
      `${parts(events)}: by revision, watcher by watcher`,
    lagLine(watch),
  ];
  if (breaks.disconnects + breaks.resumed + breaks.gaps > 0)
    lines.push(
      `breaks: ${count(breaks.disconnects, 'disconnect')}, ${breaks.resumed} watches resumed, ` +
        `${breaks.gaps} overtaken by compaction`,
    );
  return [lines.filter((line) => line !== '').join('\n'), ...troubled(watch)].join('\n\n');
}

function parts({ undelivered, compacted, foreign, untimed }: WatchFigures['events']): string {
  return [
    [undelivered, 'not delivered when the run ended'],
    [compacted, 'compacted away'],
    [foreign, 'written by others'],
    [untimed, 'of writes without an answer'],
  ]
    .filter(([number]) => number !== 0)
    .map(([number, what]) => `, ${number} ${what}`)
    .join('');
}

/** Early events have a minus; nothing is cut off at zero. */
function lagLine({ lagFromAck }: WatchFigures): string {
  const { count: all, early, minMs, p1Ms, p10Ms, p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = lagFromAck;
  if (all === 0) return '';
  const percentiles = {
    min: minMs,
    p1: p1Ms,
    p10: p10Ms,
    p50: p50Ms,
    p90: p90Ms,
    p99: p99Ms,
    'p99.9': p999Ms,
    max: maxMs,
  };
  const figures = Object.entries(percentiles).map(([name, ms]) => `${name} ${formatMs(ms)}`);
  return (
    `lag from the acknowledgement of the write: ${figures.join(', ')}\n` +
    `  ${early} of ${all} events (${((100 * early) / all).toFixed(1)} %) came before it`
  );
}

function troubled({ troubledWatchers, troubled: some }: WatchFigures): string[] {
  if (some.length === 0) return [];
  const table = renderTable(
    [
      { title: 'watcher', align: 'right', value: (one: TroubledWatcher) => one.watcher },
      { title: 'of', value: (one) => (one.isBranch ? `${one.key}…` : one.key) },
      { title: 'delivered', align: 'right', value: (one) => one.delivered },
      { title: 'missing', align: 'right', value: (one) => one.missing },
      { title: 'twice', align: 'right', value: (one) => one.duplicated },
      { title: 'out of order', align: 'right', value: (one) => one.reordered },
      { title: 'compacted', align: 'right', value: (one) => one.compacted },
      { title: '', value: (one) => one.refusal ?? '' },
    ],
    some,
  );
  const rest = troubledWatchers - some.length;
  return [rest > 0 ? `${table}\nand ${rest} more in watchers.jsonl` : table];
}

function perSec(rate: number): string {
  return `${rate >= 100 ? rate.toFixed(0) : Number(rate.toPrecision(3))}/s`;
}

function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}
