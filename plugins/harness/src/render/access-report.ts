import { renderTable } from '@etcdperf/core/cli';
import { yamlText } from '@etcdperf/core/config';
import type { AccessReport } from '../services/kubernetes/kubernetes-report.ts';

export function renderAccess({ cluster, context, namespace, checked, denied, roles }: AccessReport): string {
  const head = `cluster ${cluster}, namespace ${namespace} of ${context}`;
  if (denied.length === 0) return `${head}: all ${checked} permissions are there`;
  const table = renderTable<AccessReport['denied'][number]>(
    [
      { title: 'verb', value: ({ verb }) => verb },
      { title: 'resource', value: ({ resource, subresource }) => [resource, subresource].filter(Boolean).join('/') },
      { title: 'group', value: ({ group }) => group || 'core' },
      { title: 'where', value: ({ namespace }) => namespace || 'the whole cluster' },
    ],
    denied,
  );
  const role = roles.map((one) => `---\n${yamlText(one).trimEnd()}`);
  return [
    `${head}: ${denied.length} of ${checked} permissions are missing`,
    '',
    table,
    '',
    'this allows all:',
    ...role,
  ].join('\n');
}
