import { renderTable } from '@etcdperf/core/cli';
import type { LabHostStatus, LabStatus } from '@etcdperf/core/lab';
import type { HostChange } from '../services/lab/change-hosts.ts';
import type { KubernetesUpResult, UpResult } from '../services/lab/up-lab.ts';

export function renderUp(lab: UpResult): string {
  const seconds = (lab.tookMs / 1000).toFixed(1);
  return [
    `lab ${lab.name}: ${lab.hosts.length} hosts on ${lab.subnet}.0/24, up in ${seconds} s`,
    '',
    renderHosts(lab.hosts),
    '',
    `inventory: ${lab.inventory}`,
    'Commands use it by themselves where no other inventory is named or lies in the folder. To name it:',
    `  export ETCDPERF_INVENTORY=${lab.inventory}`,
    `A shell on a host: ssh -F ${lab.sshConfig} ${lab.hosts[0]?.name}`,
  ].join('\n');
}

export function renderKubernetesUp(lab: KubernetesUpResult): string {
  const { version, apiServer, kubeconfig } = lab.kubernetes;
  const seconds = (lab.tookMs / 1000).toFixed(1);
  return [
    `lab ${lab.name}: Kubernetes ${version} at ${apiServer}, ${lab.hosts.length} nodes up in ${seconds} s`,
    '',
    renderHosts(lab.hosts),
    '',
    `inventory: ${lab.inventory}, with the cluster 'kubernetes' for harness:deploy`,
    'Images: docker.io/lab/etcd. Claims are bound by themselves; those of storage class never are not.',
    `For kubectl: export KUBECONFIG=${kubeconfig}`,
  ].join('\n');
}

export function renderStatus(lab: LabStatus): string {
  if (lab.state === 'down') {
    return `lab ${lab.name}: down, its processes are gone (was the machine restarted?); lab:down clears the rest away`;
  }
  const kubernetes =
    lab.kubernetes === undefined
      ? []
      : [
          '',
          `Kubernetes ${lab.kubernetes.version} at ${lab.kubernetes.apiServer}: KUBECONFIG=${lab.kubernetes.kubeconfig}`,
        ];
  return [`lab ${lab.name}: up, on ${lab.subnet}.0/24`, '', renderHosts(lab.hosts), ...kubernetes].join('\n');
}

export function renderDown(labs: readonly string[]): string {
  return labs.length === 0 ? 'nothing to take down' : labs.map((name) => `lab ${name}: gone`).join('\n');
}

export function renderChanges(changes: readonly HostChange[]): string {
  return renderTable<HostChange>(
    [
      { title: 'host', value: (change) => change.host },
      { title: 'now', value: (change) => (change.kind === 'done' ? stateText(change.now, change.skewMs) : 'failed') },
      { title: '', value: (change) => (change.kind === 'failed' ? change.error : '') },
    ],
    changes,
  );
}

function renderHosts(hosts: readonly LabHostStatus[]): string {
  return renderTable(
    [
      { title: 'host', value: (host) => host.name },
      { title: 'address', value: (host) => host.address },
      ...(hosts.some((host) => host.groups.length > 0)
        ? [{ title: 'groups', value: (host: LabHostStatus) => host.groups.join(',') }]
        : []),
      { title: 'state', value: (host) => stateText(host.state, host.skewMs) },
    ],
    hosts,
  );
}

function stateText(state: LabHostStatus['state'], skewMs: number): string {
  if (skewMs === 0) return state;
  return `${state}, clock ${skewMs > 0 ? '+' : ''}${skewMs / 1000} s`;
}
