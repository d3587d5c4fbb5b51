import { renderTable } from '@etcdperf/core/cli';
import type { Client, ConnectionsReport, MemberConnections } from '../services/connections/connections-report.ts';

/** So many clients are shown; --json has all. */
const MOST_CLIENTS = 40;
const MOST_REQUESTS = 3;

export function renderConnections({ cluster, members, clients, notes }: ConnectionsReport): string {
  const table = renderTable<MemberConnections>(
    [
      { title: 'member', value: ({ name }) => name },
      { title: 'conns', align: 'right', value: ({ connections: c }) => (c.kind === 'seen' ? c.count : '–') },
      { title: 'watch streams', align: 'right', value: ({ usage }) => usage?.watchStreams ?? '–' },
      { title: 'watchers', align: 'right', value: ({ usage }) => usage?.watchers ?? '–' },
      { title: 'lease streams', align: 'right', value: ({ usage }) => usage?.leaseStreams ?? '–' },
      { title: 'files', align: 'right', value: ({ usage }) => usage?.openFiles ?? '–' },
      {
        title: 'api',
        value: ({ usage }) => usage?.apiVersions.map(({ version }) => version).join(', ') ?? '–',
      },
      { title: 'requests since its start', value: ({ usage }) => requestsText(usage) },
    ],
    members,
  );
  const shown = clients.slice(0, MOST_CLIENTS);
  const seen = members.filter(({ connections }) => connections.kind === 'seen');
  const byClient = renderTable<Client>(
    [
      { title: 'client', value: ({ address }) => address },
      { title: 'name', value: ({ name }) => name ?? '' },
      ...seen.map(({ name }) => ({
        title: name,
        align: 'right' as const,
        value: ({ connections }: Client) => connections[name] ?? 0,
      })),
      { title: 'total', align: 'right', value: ({ total }) => total },
    ],
    shown,
  );
  const total = clients.reduce((sum, client) => sum + client.total, 0);
  const whose = cluster === undefined ? 'cluster' : `cluster ${cluster}`;
  return [
    seen.length === 0
      ? `${whose}: connections can't be seen`
      : `${whose}: ${total} connections of ${clients.length} clients`,
    '',
    table,
    ...(clients.length === 0 ? [] : ['', byClient]),
    ...(clients.length > shown.length ? [`and ${clients.length - shown.length} more (--json has all)`] : []),
    ...remarks(members, notes),
  ].join('\n');
}

function requestsText(usage: MemberConnections['usage']): string {
  if (usage === undefined) return '–';
  const { requests } = usage;
  const rest = requests.slice(MOST_REQUESTS).reduce((sum, { count }) => sum + count, 0);
  return [
    ...requests.slice(0, MOST_REQUESTS).map(({ method, count }) => `${method} ${count}`),
    ...(rest === 0 ? [] : [`other ${rest}`]),
  ].join(', ');
}

function remarks(members: readonly MemberConnections[], notes: readonly string[]): string[] {
  const lines = [
    ...members.flatMap(({ name, connections: c, problem }) => [
      ...(c.kind === 'hidden' ? [`${name}: connections can't be seen: ${c.reason}`] : []),
      ...(problem === undefined ? [] : [`${name}: ${problem}`]),
    ]),
    ...notes,
  ];
  return lines.length === 0 ? [] : ['', ...lines.map((line) => `- ${line}`)];
}
