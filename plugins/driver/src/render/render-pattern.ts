import { type Column, renderTable } from '@etcdperf/core/cli';
import { formatSize } from '@etcdperf/core/stats';
import type { PatternExplanation } from '@etcdperf/core/workload';

type Level = PatternExplanation['levels'][number];
type Bytes = PatternExplanation['keyBytes'];

const LEVELS: readonly Column<Level>[] = [
  { title: 'level', align: 'right', value: ({ level }) => level },
  { title: 'pattern', value: ({ text }) => shortened(text, 40) },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'count', align: 'right', value: ({ count }) => count },
  { title: 'nodes', align: 'right', value: ({ nodes }) => nodes },
  { title: 'keys below', align: 'right', value: ({ keysBelow }) => keysBelow },
  { title: 'names', value: ({ examples }) => examples.map((name) => shortened(name, 24)).join(' ') },
];

/** Levels, sizes and examples of a pattern. */
export function renderPattern(told: PatternExplanation): string {
  const { keys, keyBytes, valueBytes, databaseBytes, examples } = told;
  const parts = [
    renderTable(LEVELS, told.levels),
    [
      `${keys} keys of ${bytesText(keyBytes)}: ${formatSize(keyBytes.total)}`,
      `values of ${bytesText(valueBytes)}: ${formatSize(valueBytes.total)}`,
      `each key written once: about ${formatSize(databaseBytes)} of each member's database`,
    ].join('\n'),
    ...(examples.length > 0
      ? [examples.map(({ number, key, value }) => `${number}: ${key}\n   ${shortened(value, 160)}`).join('\n')]
      : []),
  ];
  return parts.join('\n\n');
}

function bytesText({ min, max, mean }: Bytes): string {
  return min === max ? `${min} bytes` : `${min} to ${max} bytes, ${mean} on average`;
}

/** The middle of long texts says least. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}
