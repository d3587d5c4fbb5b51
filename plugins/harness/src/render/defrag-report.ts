import { renderTable } from '@etcdperf/core/cli';
import type { DefragMember, DefragReport, DefragResult } from '../services/defrag/defrag-report.ts';
import { size } from './cluster-status.ts';

export function renderDefragReport(report: DefragReport): string {
  const { cluster, compaction, members, notes } = report;
  const table = renderTable<DefragMember>(
    [
      { title: 'member', value: ({ name }) => name },
      { title: 'result', value: ({ result }) => resultText(result) },
      { title: 'before', align: 'right', value: ({ result }) => figure(result, (done) => size(done.beforeBytes)) },
      { title: 'after', align: 'right', value: ({ result }) => figure(result, (done) => size(done.afterBytes)) },
      {
        title: 'won',
        align: 'right',
        value: ({ result }) => figure(result, (done) => size(Math.max(0, done.beforeBytes - done.afterBytes))),
      },
      {
        title: 'took',
        align: 'right',
        value: ({ result }) => figure(result, (done) => `${(done.ms / 1000).toFixed(2)} s`),
      },
    ],
    members,
  );
  return [
    `${cluster === undefined ? 'cluster' : `cluster ${cluster}`}: ${headline(report)}`,
    ...(compaction === undefined
      ? []
      : [
          compaction.kind === 'compacted'
            ? `compacted to revision ${compaction.revision}`
            : `nothing to compact: revision ${compaction.revision} is forgotten already`,
        ]),
    ...(members.length === 0 ? [] : ['', table]),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${note}`)]),
  ].join('\n');
}

function headline({ outcome, members }: DefragReport): string {
  const done = members.filter(({ result }) => result.kind === 'defragmented').length;
  const hint = 'hint' in outcome && outcome.hint !== undefined ? `\n  try: ${outcome.hint}` : '';
  switch (outcome.kind) {
    case 'done':
      return `${done} of ${members.length} members defragmented`;
    case 'refused':
      return `not defragmented: ${outcome.reason}${hint}`;
    case 'failed':
      return `${done} of ${members.length} members defragmented, then: ${outcome.reason}${hint}`;
    case 'interrupted':
      return `interrupted after ${done} of ${members.length} members; harness:defrag again goes on with all`;
    default:
      return outcome satisfies never;
  }
}

function resultText(result: DefragResult): string {
  switch (result.kind) {
    case 'defragmented':
      return result.asLeader ? 'defragmented (leader)' : 'defragmented';
    case 'skipped':
      return `skipped: ${result.reason}`;
    case 'failed':
      return `FAILED: ${result.reason}`;
    case 'not begun':
      return 'not begun';
    default:
      return result satisfies never;
  }
}

function figure(result: DefragResult, of: (done: DefragResult & { kind: 'defragmented' }) => string): string {
  return result.kind === 'defragmented' ? of(result) : '';
}
