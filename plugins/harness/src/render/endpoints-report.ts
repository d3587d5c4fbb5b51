import { renderTable } from '@etcdperf/core/cli';
import { formatMs } from '@etcdperf/core/stats';
import type { EndpointsReport, TriedWay } from '../services/endpoints/endpoints-report.ts';

export function renderEndpoints({ cluster, ways, chosen, saved, notes }: EndpointsReport): string {
  const working = ways.filter(({ result }) => result.kind === 'works').length;
  const table = renderTable<TriedWay>(
    [
      { title: '', value: ({ url, result }) => (result.kind === 'works' && chosen.includes(url) ? '*' : '') },
      { title: 'way', value: ({ kind }) => kind.replaceAll('-', ' ') },
      { title: 'through', value: ({ through }) => through },
      { title: 'endpoint', value: ({ url }) => url },
      { title: 'answers', value: ({ result }) => (result.kind === 'works' ? result.member : '–') },
      {
        title: 'read',
        align: 'right',
        value: ({ result }) => (result.kind === 'works' ? formatMs(result.readMs) : '–'),
      },
      { title: 'why not', value: ({ result }) => (result.kind === 'fails' ? result.reason : '') },
    ],
    ways,
  );
  return [
    `${cluster === undefined ? 'cluster' : `cluster ${cluster}`}: ${working} of ${ways.length} ways work from here`,
    '',
    table,
    '',
    choice(chosen, ways),
    ...saving(saved),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

function choice(chosen: readonly string[], ways: readonly TriedWay[]): string {
  if (chosen.length > 0) return `* ${chosen.join(',')}`;
  return ways.some(({ kind, result }) => kind === 'forward' && result.kind === 'works')
    ? 'only forwarded ports work from here, and these end with each command: harness:* commands use them by themselves'
    : 'nothing works from here';
}

function saving(saved: EndpointsReport['saved']): string[] {
  switch (saved.kind) {
    case 'not asked':
      return [];
    case 'saved':
      return [saved.changed ? `written to ${saved.file}` : `${saved.file} says so already`];
    case 'nothing to save':
      return ['nothing was written'];
    default:
      return saved satisfies never;
  }
}
