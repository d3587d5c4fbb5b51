import { renderTable } from '@etcdperf/core/cli';
import type { HostsReport, HostView, NodeChange } from '../services/hosts/hosts-report.ts';

export function renderHostsReport(report: HostsReport): string {
  const onKubernetes = report.hosts.some(({ label, taint }) => label !== undefined || taint !== undefined);
  const hosts = renderTable<HostView>(
    [
      { title: 'host', value: ({ name }) => name },
      { title: 'members', value: ({ members }) => members.join(', ') },
      { title: 'beside them', align: 'right', value: ({ companions }) => companions.length },
      ...(onKubernetes
        ? ([
            { title: 'label', value: ({ label }: HostView) => label ?? '' },
            { title: 'taint', value: ({ taint }: HostView) => taint ?? '' },
          ] as const)
        : []),
    ],
    report.hosts,
  );
  const changes = report.changes.length === 0 ? [] : ['', renderChanges(report)];
  const inventory =
    report.inventory === undefined ? [] : ['', `for cluster ${report.cluster} in the inventory:`, '', report.inventory];
  const problems = report.problems.length === 0 ? [] : ['', ...report.problems.map((problem) => `- ${problem}`)];
  return [headline(report), '', hosts, ...changes, ...inventory, ...problems].join('\n');
}

function headline({ cluster, hosts, problems }: HostsReport): string {
  const members = hosts.flatMap((host) => host.members).length;
  if (members === 0) return `cluster ${cluster} runs nowhere yet`;
  return problems.length === 0
    ? `cluster ${cluster}: each of ${members} members is alone on its host`
    : `cluster ${cluster}: members are NOT alone`;
}

function renderChanges({ changes, isDryRun }: HostsReport): string {
  const action = ({ action: done }: NodeChange) => (isDryRun && done !== 'unchanged' ? `would be ${done}` : done);
  return renderTable<NodeChange>(
    [
      { title: 'node', value: ({ node }) => node },
      { title: 'what', value: ({ what }) => what },
      { title: 'result', value: action },
    ],
    changes,
  );
}
