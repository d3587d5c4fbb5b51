import { type Column, renderTable } from '@etcdperf/core/cli';
import type { LogsReport, MemberLogReport } from '../services/logs/logs-report.ts';
import { size } from './cluster-status.ts';

type Row = MemberLogReport & { readonly cluster: string };

export function renderLogsReport(report: LogsReport): string {
  const rows = report.clusters.flatMap(({ cluster, members }) => members.map((member) => ({ ...member, cluster })));
  const isOfTwo = report.clusters.length > 1;
  const table = renderTable<Row>(
    [
      ...(isOfTwo ? ([{ title: 'cluster', value: ({ cluster }) => cluster }] satisfies Column<Row>[]) : []),
      { title: 'member', value: ({ member }) => member },
      { title: 'from', value: ({ from }) => shortTime(from) },
      { title: 'to', value: ({ to }) => shortTime(to) },
      { title: 'lines', align: 'right', value: ({ lines }) => lines },
      { title: 'size', align: 'right', value: ({ bytes }) => size(bytes) },
      { title: 'gaps', align: 'right', value: ({ gaps }) => gaps.length },
      { title: 'silent for', align: 'right', value: ({ longestSilenceMs }) => duration(longestSilenceMs) },
      { title: 'log', value: whence },
    ],
    rows,
  );
  const remarks = rows.flatMap((row) => {
    const name = isOfTwo ? `${row.cluster}/${row.member}` : row.member;
    return [
      ...(row.failure === undefined ? [] : [`- ${name} could not be read: ${row.failure.message}`]),
      ...(row.failure?.hint === undefined ? [] : [`  ${row.failure.hint}`]),
      ...row.notes.map((note) => `- ${name}: ${note}`),
    ];
  });
  const nothing = rows.every(({ lines, failure }) => lines === 0 && failure === undefined)
    ? ['no lines in this window']
    : [];
  return [table, '', ...nothing, ...remarks, ...clockLines(rows), `in ${report.dir}`].join('\n');
}

/** What times of different hosts can be wrong against each other. */
function clockLines(rows: readonly Row[]): string[] {
  const bars = rows.flatMap(({ member, clock }) => (clock === undefined ? [] : [{ member, clock }]));
  if (bars.length > 0) {
    const [worst, second] = bars.map(({ clock }) => clock.errorBarMs).sort((a, b) => b - a);
    const each = bars.map(({ member, clock }) => `${member} ±${clock.errorBarMs.toFixed(2)} ms (${clock.source})`);
    const against = bars.length > 1 ? `, up to ${(worst! + second!).toFixed(2)} ms against each other` : '';
    return [`clocks: ${each.join(', ')}${against}`];
  }
  const nodes = new Set(rows.flatMap(({ origin }) => (origin?.kind === 'pod' ? [origin.node ?? ''] : [])));
  return nodes.size > 1
    ? [`clocks: those of the pods’ ${nodes.size} nodes can’t be asked; times of different nodes don’t tell an order`]
    : [];
}

function whence({ origin }: Row): string {
  switch (origin?.kind) {
    case undefined:
      return '';
    case 'file':
      return `${origin.host}:${origin.path}`;
    case 'journal':
      return `${origin.host}: journal of ${origin.unit}`;
    case 'pod':
      return `pod ${origin.pod}${origin.node === undefined ? '' : ` on ${origin.node}`}`;
    case 'saved':
      return origin.path;
    default:
      return origin satisfies never;
  }
}

/** `11-21 23:08:05.156`, UTC. */
function shortTime(iso: string | undefined): string {
  return iso === undefined ? '' : iso.slice(5, 23).replace('T', ' ');
}

/** `850ms`, `12.3s`, `7m`, `3.2h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)}s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)}m` : `${(ms / 3_600_000).toFixed(1)}h`;
}
