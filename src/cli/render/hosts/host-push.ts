import { renderTable } from '@etcdperf/core/cli';
import type { HostPushResult } from '../../services/hosts/push-to-hosts.ts';

export function renderHostPush({ hosts }: HostPushResult): string {
  return renderTable(
    [
      { title: 'host', value: ({ host }) => host },
      { title: 'status', value: ({ status }) => status },
      {
        title: 'what',
        value: (push) => (push.status === 'failed' ? `${push.error}${push.hint ? ` (${push.hint})` : ''}` : ''),
      },
    ],
    hosts,
  );
}
