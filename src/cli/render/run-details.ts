import { renderLoadReport, renderTable } from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import type { RunDetails } from '../services/run-details.ts';
import { wallTime } from './wall-time.ts';

export function renderRunDetails({ dir, manifest, result, files }: RunDetails): string {
  const facts: [string, string | undefined][] = [
    ['run', manifest.id],
    ['folder', dir],
    ['command', manifest.command],
    ['title', manifest.title],
    ['status', manifest.status === 'running' ? 'unfinished: still running, or killed' : manifest.status],
    ['started', manifest.startedAt],
    ['took', tookOf(manifest)],
    ['on', `${manifest.host.name} (${manifest.host.platform}, ${manifest.host.cpus} CPUs, node ${manifest.node})`],
    ['etcdperf', manifest.version],
    [
      'inventory',
      manifest.inventory && `${manifest.inventory.path} (sha256 ${manifest.inventory.digest.slice(0, 12)})`,
    ],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(width)}  ${value}`]));
  return [
    ...lines,
    '',
    'asked for',
    indented(manifest.config),
    '',
    ...(result === null
      ? ['no result']
      : ['result', isLoadReport(result) ? renderLoadReport(result) : indented(result)]),
    '',
    renderTable(
      [
        { title: 'file', value: ({ name }) => name },
        { title: 'bytes', align: 'right', value: ({ bytes }) => bytes },
      ],
      files,
    ),
  ].join('\n');
}

/** Of a benchmark: shown as it was shown then. */
function isLoadReport(result: object): result is LoadReport {
  return ['command', 'series', 'plan', 'generator', 'members'].every((name) => name in result);
}

function tookOf({ startedAt, finishedAt }: RunDetails['manifest']): string | undefined {
  return finishedAt === undefined ? undefined : wallTime(Date.parse(finishedAt) - Date.parse(startedAt));
}

function indented(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/^/gm, '  ');
}
