import { type Column, renderTable } from '@etcdperf/core/cli';
import { formatMs } from '@etcdperf/core/stats';
import { ERROR_KIND_IDS, ERROR_KINDS, type ErrorKindId } from '../services/errors/error-kinds.ts';
import type { ClusterErrors, ErrorsReport, MemberErrors, SinceStart } from '../services/errors/errors-report.ts';
import { renderGroundVerdict } from './ground-verdict.ts';

export type ErrorsAxis = 'kind' | 'member' | 'minute';

/** Two weeks of minutes help nobody. */
const MOST_MINUTES = 120;
const LONGEST_LINE = 300;

export function renderErrors(report: ErrorsReport, by: ErrorsAxis): string {
  const { window, clusters, verdict } = report;
  const [cluster, neighbour] = clusters as readonly [ClusterErrors, ClusterErrors?];
  const isQuiet = clusters.every(({ kinds }) => kinds.length === 0);
  const names = clusters.map((one) => one.cluster).join(' beside ');
  return [
    `${names}, ${shortTime(window.since)} to ${shortTime(window.until)} UTC`,
    '',
    ...(isQuiet ? quiet(clusters) : [tableOf(cluster, neighbour, by, report), '']),
    ...(verdict === undefined ? [] : [renderGroundVerdict(verdict, clusters), '']),
    ...(by === 'kind' ? examples(cluster) : []),
    ...countersTable(clusters),
    ...clusters.flatMap((one) => remarks(one, clusters.length > 1)),
  ]
    .join('\n')
    .trimEnd();
}

function quiet(clusters: readonly ClusterErrors[]): string[] {
  const lines = clusters.flatMap(({ members }) => members).reduce((sum, member) => sum + member.lines, 0);
  return [lines === 0 ? 'no lines in this window' : `nothing went wrong, say the ${lines} lines of this window`, ''];
}

function tableOf(
  cluster: ClusterErrors,
  neighbour: ClusterErrors | undefined,
  by: ErrorsAxis,
  report: ErrorsReport,
): string {
  switch (by) {
    case 'kind':
      return kindTable(cluster, neighbour);
    case 'member':
      return memberTable(report.clusters);
    case 'minute':
      return minuteTable(cluster, neighbour);
    default:
      return by satisfies never;
  }
}

function kindTable(cluster: ClusterErrors, neighbour: ClusterErrors | undefined): string {
  const rows = ERROR_KIND_IDS.filter((kind) => [cluster, neighbour].some((one) => one && of(one, kind) !== undefined));
  const columns = (one: ClusterErrors, title: string): Column<ErrorKindId>[] => [
    { title, align: 'right', value: (kind) => of(one, kind)?.count ?? '' },
    { title: 'worst', align: 'right', value: (kind) => took(of(one, kind)?.worstMs) },
    { title: 'first', value: (kind) => shortTime(of(one, kind)?.first) },
    { title: 'last', value: (kind) => shortTime(of(one, kind)?.last) },
  ];
  return renderTable<ErrorKindId>(
    [
      { title: 'what', value: (kind) => ERROR_KINDS[kind].title },
      ...columns(cluster, neighbour === undefined ? 'count' : cluster.cluster),
      { title: 'members', value: (kind) => counted(of(cluster, kind)?.members) },
      ...(neighbour === undefined ? [] : columns(neighbour, neighbour.cluster)),
    ],
    rows,
  );
}

function memberTable(clusters: readonly ClusterErrors[]): string {
  const rows = clusters.flatMap(({ cluster, members }) => members.map((member) => ({ cluster, ...member })));
  return renderTable<(typeof rows)[number]>(
    [
      ...(clusters.length > 1 ? [{ title: 'cluster', value: ({ cluster }: { cluster: string }) => cluster }] : []),
      { title: 'member', value: ({ member }) => member },
      ...kindColumns<(typeof rows)[number]>(clusters),
      { title: 'all', align: 'right', value: ({ count }) => count },
    ],
    rows,
  );
}

function minuteTable(cluster: ClusterErrors, neighbour: ClusterErrors | undefined): string {
  const minutes = new Map(cluster.minutes.map((one) => [one.minute, one]));
  const besides = new Map(neighbour?.minutes.map((one) => [one.minute, one]));
  const all = [...new Set([...minutes.keys(), ...besides.keys()])].sort();
  type Row = { readonly minute: string; readonly kinds: Partial<Record<ErrorKindId, number>> };
  const rows = all.slice(-MOST_MINUTES).map((minute): Row => ({ minute, kinds: minutes.get(minute)?.kinds ?? {} }));
  const table = renderTable<Row>(
    [
      { title: 'minute', value: ({ minute }) => shortTime(minute).slice(0, -3) },
      ...kindColumns<Row>([cluster]),
      { title: 'members', value: ({ minute }) => counted(minutes.get(minute)?.members) },
      ...(neighbour === undefined
        ? []
        : [{ title: neighbour.cluster, value: ({ minute }: Row) => counted(besides.get(minute)?.kinds) }]),
    ],
    rows,
  );
  const more = all.length - rows.length;
  return more > 0 ? `${table}\n… and ${more} earlier minutes: see --json` : table;
}

function kindColumns<Row extends { readonly kinds: Partial<Record<ErrorKindId, number>> }>(
  clusters: readonly ClusterErrors[],
): Column<Row>[] {
  return ERROR_KIND_IDS.filter((kind) => clusters.some((one) => of(one, kind) !== undefined)).map((kind) => ({
    title: kind,
    align: 'right',
    value: ({ kinds }) => kinds[kind] ?? '',
  }));
}

function examples({ kinds }: ClusterErrors): string[] {
  if (kinds.length === 0) return [];
  return [
    ...kinds.map(({ title, example: { member, line } }) => `${title}, ${member}:\n  ${line.slice(0, LONGEST_LINE)}`),
    '',
  ];
}

/** Counters tell of what no log line does, though not when. */
function countersTable(clusters: readonly ClusterErrors[]): string[] {
  const rows = clusters.flatMap(({ cluster, members }) =>
    members.flatMap(({ member, sinceStart }) =>
      sinceStart === undefined || sinceStart.failure !== undefined ? [] : [{ cluster, member, ...sinceStart }],
    ),
  );
  if (rows.length === 0) return [];
  type Row = SinceStart & { readonly cluster: string; readonly member: string };
  const counter = (title: string, key: keyof SinceStart): Column<Row> => ({
    ...{ title, align: 'right' },
    value: (row) => row[key] ?? '',
  });
  const table = renderTable<Row>(
    [
      ...(clusters.length > 1 ? [{ title: 'cluster', value: ({ cluster }: Row) => cluster }] : []),
      { title: 'member', value: ({ member }) => member },
      { title: 'started', value: ({ startedAt }) => shortTime(startedAt) },
      counter('slow applies', 'slowApplies'),
      counter('slow reads', 'slowReads'),
      counter('leader changes', 'leaderChanges'),
      counter('late heartbeats', 'lateHeartbeats'),
      counter('failed proposals', 'failedProposals'),
      counter('failed sends', 'peerSendFailures'),
    ],
    rows,
  );
  return ['since each member’s start, whatever it logs:', table, ''];
}

function remarks({ cluster, members }: ClusterErrors, isOfTwo: boolean): string[] {
  const name = (member: string) => (isOfTwo ? `${cluster}/${member}` : member);
  const lines = members.flatMap(({ member, failure, notes, sinceStart }) => [
    ...(failure === undefined ? [] : [`- ${name(member)}: its log could not be read: ${failure.message}`]),
    ...(failure?.hint === undefined ? [] : [`  ${failure.hint}`]),
    ...notes.map((note) => `- ${name(member)}: ${note}`),
    ...(sinceStart?.failure === undefined ? [] : [`- ${name(member)}: ${sinceStart.failure}`]),
  ]);
  const clocks = members.flatMap(({ member, clock }) =>
    clock === undefined ? [] : [`${name(member)} ±${formatMs(clock.errorBarMs)}`],
  );
  return [...lines, ...unseenLines(cluster, members), ...(clocks.length > 0 ? [`- clocks: ${clocks.join(', ')}`] : [])];
}

function unseenLines(cluster: string, members: readonly MemberErrors[]): string[] {
  const levels = Map.groupBy(members, ({ level }) => level);
  return [...levels].flatMap(([level, some]) => {
    const [first] = some;
    if (level === undefined || first === undefined || first.unseen.length === 0) return [];
    const titles = first.unseen.map((kind) => ERROR_KINDS[kind].title);
    const who = some.map(({ member }) => member).join(', ');
    return [
      `- ${cluster}: ${who} log${some.length > 1 ? '' : 's'} from level ${level} on (or said nothing finer in this window), where these can’t be seen: ${titles.join('; ')}`,
    ];
  });
}

function of(cluster: ClusterErrors, kind: ErrorKindId) {
  return cluster.kinds.find((one) => one.kind === kind);
}

function counted(counts: Readonly<Record<string, number>> | undefined): string {
  return Object.entries(counts ?? {})
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function took(ms: number | undefined): string {
  return ms === undefined ? '' : formatMs(ms);
}

/** `11-21 23:08:05`. */
function shortTime(iso: string | undefined): string {
  return iso === undefined ? '' : iso.slice(5, 19).replace('T', ' ');
}
