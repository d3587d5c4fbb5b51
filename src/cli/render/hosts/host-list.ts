import { renderTable } from '@etcdperf/core/cli';
import type { HostList } from '../../services/hosts/list-hosts.ts';

export function renderHostList({ hosts }: HostList): string {
  return renderTable(
    [
      { title: 'host', value: ({ name }) => name },
      { title: 'address', value: ({ address, port }) => (port === 22 ? address : `${address}:${port}`) },
      { title: 'user', value: ({ user }) => user ?? '-' },
      { title: 'become', value: ({ become }) => become },
      { title: 'through', value: ({ jump }) => jump.join(' → ') || '-' },
      { title: 'groups', value: ({ groups }) => groups.join(' ') },
    ],
    hosts,
  );
}
