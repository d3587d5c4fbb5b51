import { renderTable } from '@etcdperf/core/cli';
import type { DeleteReport } from '@etcdperf/core/etcd';
import { renderReasons } from './reasons.ts';

export function renderDeleteReport({ cluster, members }: DeleteReport): string {
  const table = renderTable<DeleteReport['members'][number]>(
    [
      { title: 'member', value: (member) => member.name },
      { title: 'host', value: (member) => member.host },
      { title: 'state', value: (member) => member.result.kind },
      { title: 'what', value: ({ result }) => ('what' in result ? result.what.join(', ') : '') },
    ],
    members,
  );
  return [`cluster ${cluster}`, '', table, ...renderReasons(members)].join('\n');
}
