import { renderTable } from '@etcdperf/core/cli';
import type { DeletedObject, KubernetesDeleteReport } from '../services/kubernetes/kubernetes-report.ts';

export function renderKubernetesDelete(report: KubernetesDeleteReport): string {
  const { cluster, namespace, context, objects, notes } = report;
  const head = `cluster ${cluster}, namespace ${namespace} of ${context}`;
  if (objects.length === 0) return [`${head}: nothing there`, ...notes.map((note) => `- ${note}`)].join('\n');
  const table = renderTable<DeletedObject>(
    [
      { title: 'kind', value: ({ kind }) => kind },
      { title: 'name', value: ({ name }) => name },
      { title: 'state', value: ({ result }) => result },
    ],
    objects,
  );
  return [head, '', table, ...(notes.length > 0 ? [''] : []), ...notes.map((note) => `- ${note}`)].join('\n');
}
