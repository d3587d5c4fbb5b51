import { type Column, renderTable } from '@etcdperf/core/cli';
import type { RowResult } from './run-row.ts';
import { type Spread, spreadOf } from './statistics.ts';

/**
 * Medians, with the range of the pairs in brackets. `start`: CPU seconds that each tool needs for a single request;
 * `net`: the ratio without these.
 */
export function renderRows(results: readonly RowResult[]): string {
  const columns: Column<RowResult>[] = [
    { title: 'row', value: ({ row }) => row.name },
    { title: 'ours/CPU s', align: 'right', value: (one) => medianOf(one, 'ours', 'perCpuSecond') },
    { title: "Go's", align: 'right', value: (one) => medianOf(one, 'go', 'perCpuSecond') },
    { title: 'ratio', align: 'right', value: ({ ratios }) => ratioText(ratios.perCpuSecond) },
    { title: 'limit', align: 'right', value: ({ row }) => row.limits.perCpuSecond },
    { title: 'start', align: 'right', value: ({ startUp }) => `${startUp.ours.toFixed(2)} ${startUp.go.toFixed(2)}` },
    { title: 'net', align: 'right', value: ({ ratios }) => ratios.perCpuSecondNet.median.toFixed(2) },
    { title: 'ours/s', align: 'right', value: (one) => medianOf(one, 'ours', 'perSec') },
    { title: "Go's", align: 'right', value: (one) => medianOf(one, 'go', 'perSec') },
    { title: 'ratio', align: 'right', value: ({ ratios }) => ratioText(ratios.throughput) },
    { title: 'limit', align: 'right', value: ({ row }) => row.limits.throughput },
    { title: '', value: ({ isMet }) => (isMet ? 'met' : 'MISSED') },
  ];
  return renderTable(columns, results);
}

function medianOf({ pairs }: RowResult, side: 'ours' | 'go', figure: 'perCpuSecond' | 'perSec'): string {
  return String(Math.round(spreadOf(pairs.map((pair) => pair[side][figure])).median));
}

function ratioText({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;
}
