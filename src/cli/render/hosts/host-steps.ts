import { renderTable } from '@etcdperf/core/cli';
import type { StepResult } from '../../services/hosts/step.ts';

interface SteppedHost {
  readonly host: string;
  readonly status: 'ok' | 'changed' | 'failed';
  readonly steps: readonly StepResult[];
}

/** One line for each step of each host; the diffs of a dry run; how many hosts are how. */
export function renderHostSteps(result: { readonly dryRun: boolean; readonly hosts: readonly SteppedHost[] }): string {
  const rows = result.hosts.flatMap(({ host, steps }) =>
    steps.map((step, index) => ({ ...step, host: index === 0 ? host : '', detail: step.detail.split('\n')[0] ?? '' })),
  );
  const table = renderTable(
    [
      { title: 'host', value: (row) => row.host },
      { title: 'step', value: (row) => row.step },
      { title: 'status', value: (row) => (result.dryRun && row.status === 'changed' ? 'would change' : row.status) },
      { title: 'detail', value: (row) => row.detail },
    ],
    rows,
  );
  const diffs = result.hosts.flatMap(({ host, steps }) =>
    steps.flatMap((step) => (step.diff ? [`\n${host}: ${step.step}\n${step.diff}`] : [])),
  );
  return [table, ...diffs, '', renderCounts(result.hosts, result.dryRun)].join('\n');
}

function renderCounts(hosts: readonly SteppedHost[], dryRun: boolean): string {
  const count = (status: SteppedHost['status']) => hosts.filter((host) => host.status === status).length;
  const parts = [
    `${count('ok')} ok`,
    `${count('changed')} ${dryRun ? 'would change' : 'changed'}`,
    `${count('failed')} failed`,
  ];
  return `${hosts.length} hosts: ${parts.join(', ')}`;
}
