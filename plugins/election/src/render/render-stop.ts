import { renderTable } from '@etcdperf/core/cli';
import type { ElectionStatus } from '../services/election-status.ts';
import type { StoppedHost, StopResult } from '../services/stop-election.ts';

export function renderStop({ hosts, run }: StopResult): string {
  const table = renderTable(
    [
      { title: 'host', value: (host: StoppedHost) => host.host },
      {
        title: 'result',
        value: (host) => {
          if (host.status === 'failed') return `failed: ${host.error}`;
          return host.stopped.length === 0 ? 'nothing ran' : `ended ${host.stopped.join(', ')}`;
        },
      },
    ],
    hosts,
  );
  return run === null ? table : `${table}\n\nlast events: ${run.dir}`;
}

export function renderStatus({ master, round, hosts }: ElectionStatus): string {
  const rows = hosts.flatMap((host) =>
    host.status === 'failed'
      ? [{ host: host.host, name: '', state: `failed: ${host.error}`, pid: '' }]
      : host.processes.map((process) => ({ ...process, host: host.host, pid: process.pid ?? '' })),
  );
  const head = master === null ? 'nobody is master' : `${master} is master of round ${round}`;
  const table = renderTable(
    [
      { title: 'host', value: (row: (typeof rows)[number]) => row.host },
      { title: 'process', value: (row) => row.name },
      { title: 'state', value: (row) => row.state },
      { title: 'pid', align: 'right', value: (row) => row.pid },
    ],
    rows,
  );
  return rows.length === 0 ? head : `${head}\n\n${table}`;
}
