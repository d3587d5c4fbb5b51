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
    ...(result === null ? ['no result'] : ['result', renderResult(result)]),
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

/** A benchmark's is shown as it was shown then; of others (a driver's) the loads that are part of it are. */
function renderResult(result: Readonly<Record<string, unknown>>): string {
  if (isLoadReport(result)) return renderLoadReport(result);
  const loads = Object.entries(result).filter((entry): entry is [string, LoadReport] => isLoadReport(entry[1]));
  const rest = Object.fromEntries(Object.entries(result).filter(([name]) => !loads.some(([load]) => load === name)));
  const rendered = loads.map(([name, load]) => renderLoadReport({ ...load, command: name }, { isPart: true }));
  return [indented(rest), ...rendered].join('\n\n');
}

function isLoadReport(result: unknown): result is LoadReport {
  if (typeof result !== 'object' || result === null) return false;
  return ['command', 'series', 'plan', 'generator', 'members'].every((name) => name in result);
}

function tookOf({ startedAt, finishedAt }: RunDetails['manifest']): string | undefined {
  return finishedAt === undefined ? undefined : wallTime(Date.parse(finishedAt) - Date.parse(startedAt));
}

function indented(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/^/gm, '  ');
}
