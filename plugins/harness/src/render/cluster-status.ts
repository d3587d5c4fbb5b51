import { renderTable } from '@etcdperf/core/cli';
import type { ClusterStatus, MemberProcess, MemberStatus } from '@etcdperf/core/etcd';

export function renderClusterStatus(status: ClusterStatus): string {
  const onHosts = status.members.some((member) => member.process !== undefined);
  const table = renderTable<MemberStatus>(
    [
      { title: 'member', value: (member) => member.name },
      ...(onHosts ? [{ title: 'host', value: (member: MemberStatus) => member.host ?? '' }] : []),
      { title: 'endpoint', value: (member) => member.endpoint },
      { title: 'health', value: (member) => (member.healthy ? (member.etcd?.isLeader ? 'leader' : 'ok') : 'FAILED') },
      { title: 'version', value: ({ etcd }) => etcd?.version ?? '' },
      { title: 'db', align: 'right', value: ({ etcd }) => (etcd ? size(etcd.dbSizeBytes) : '') },
      { title: 'in use', align: 'right', value: ({ etcd }) => (etcd ? size(etcd.dbSizeInUseBytes) : '') },
      { title: 'term', align: 'right', value: ({ etcd }) => etcd?.raftTerm ?? '' },
      { title: 'index', align: 'right', value: ({ etcd }) => etcd?.raftIndex ?? '' },
      { title: 'applied', align: 'right', value: ({ etcd }) => etcd?.raftAppliedIndex ?? '' },
      ...(onHosts
        ? ([
            { title: 'process', align: 'right', value: ({ process }: MemberStatus) => processText(process) },
            {
              title: 'open files',
              align: 'right',
              value: ({ process }: MemberStatus) => (process?.kind === 'running' ? process.nofile : ''),
            },
          ] as const)
        : []),
      { title: 'alarms', value: (member) => member.alarms.join(', ') },
    ],
    status.members,
  );
  const name = status.cluster === undefined ? 'cluster' : `cluster ${status.cluster}`;
  const led = status.leader === undefined ? 'no leader' : `${status.leader} leads`;
  const problems = status.problems.length === 0 ? [] : ['', ...status.problems.map((problem) => `- ${problem}`)];
  return [`${name}: ${status.healthy ? 'healthy' : 'NOT healthy'}, ${led}`, '', table, ...problems].join('\n');
}

function processText(process: MemberProcess | undefined): string {
  switch (process?.kind) {
    case undefined:
      return '';
    case 'running':
      return String(process.pid);
    case 'exited':
      return process.how;
    case 'absent':
      return 'none';
    case 'unknown':
      return 'unknown';
    default:
      return process satisfies never;
  }
}

/** Bytes as a person reads them: powers of 1024, three digits. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}
