import { type Column, renderTable } from '@etcdperf/core/cli';
import type { MemberProcess } from '@etcdperf/core/etcd';
import type { MemberReport, StatusReport } from '../services/status/status-report.ts';

/** Two tables, each at most some 100 columns wide: how the members are, and what they run in. */
export function renderClusterStatus(status: StatusReport): string {
  const problems = status.problems.length === 0 ? [] : ['', ...status.problems.map((problem) => `- ${problem}`)];
  return [headline(status), '', membersTable(status.members), '', placesTable(status.members), ...problems].join('\n');
}

function headline({ cluster, healthy, leader, members }: StatusReport): string {
  const up = members.flatMap(({ etcd }) => etcd ?? []);
  const versions = [...new Set(up.map((etcd) => etcd.version))].sort();
  const name = cluster === undefined ? 'cluster' : `cluster ${cluster}`;
  return [
    `${name}: ${healthy ? 'healthy' : 'NOT healthy'}, ${leader === undefined ? 'no leader' : `${leader} leads`}`,
    ...(up.length === 0
      ? []
      : [
          `etcd ${versions.join(', ')}, term ${Math.max(...up.map((etcd) => etcd.raftTerm))}`,
          `revision ${Math.max(...up.map((etcd) => etcd.revision))}`,
        ]),
  ].join(', ');
}

function membersTable(members: readonly MemberReport[]): string {
  const versions = new Set(members.flatMap(({ etcd }) => etcd?.version ?? []));
  const hasRates = members.some(({ figures }) => figures?.since === 'last look');
  return renderTable<MemberReport>(
    [
      { title: 'member', value: ({ name }) => name },
      { title: 'state', value: stateOf },
      ...(versions.size > 1 ? [{ title: 'version', value: ({ etcd }: MemberReport) => etcd?.version ?? '–' }] : []),
      right('db', ({ etcd }) => (etcd ? size(etcd.dbSizeBytes) : '–')),
      right('in use', ({ etcd }) => (etcd ? percent(etcd.dbSizeInUseBytes, etcd.dbSizeBytes) : '–')),
      right('index', ({ etcd }) => etcd?.raftIndex ?? '–'),
      right('lag', ({ appliedLag }) => appliedLag ?? '–'),
      right('fsync', ({ figures }) => milliseconds(figures?.fsyncP99Ms)),
      right('commit', ({ figures }) => milliseconds(figures?.commitP99Ms)),
      right('cpu', ({ figures }) => (figures?.cpuPercent === undefined ? '–' : `${figures.cpuPercent.toFixed(0)} %`)),
      right('memory', ({ figures }) => (figures?.memoryMb === undefined ? '–' : `${figures.memoryMb.toFixed(0)} MB`)),
      ...(hasRates ? [right('req/s', ({ figures }) => figures?.requestsPerSec?.toFixed(0) ?? '–')] : []),
      right('conns', ({ connections }) => connections ?? '–'),
    ],
    members,
  );
}

function placesTable(members: readonly MemberReport[]): string {
  const onHosts = members.some(({ process }) => process !== undefined);
  const inPods = members.some(({ pod }) => pod !== undefined);
  const since = ({ process, pod, figures }: MemberReport) =>
    inPods ? pod?.startedAt : process?.kind === 'running' ? process.startedAt : figures?.startedAt;
  return renderTable<MemberReport>(
    [
      { title: 'member', value: ({ name }) => name },
      ...(inPods
        ? [
            { title: 'pod', value: ({ pod }: MemberReport) => (pod === undefined ? 'none' : pod.phase) },
            { title: 'node', value: ({ pod }: MemberReport) => pod?.node ?? '–' },
            right('restarts', ({ pod }) => pod?.restarts ?? '–'),
            { title: 'last end', value: ({ pod }: MemberReport) => lastEnd(pod) },
          ]
        : [{ title: 'endpoint', value: ({ endpoint }: MemberReport) => endpoint }]),
      ...(onHosts
        ? [
            { title: 'host', value: ({ host }: MemberReport) => host ?? '' },
            right('process', ({ process }) => processText(process)),
          ]
        : []),
      { title: 'since (UTC)', value: (member) => since(member)?.slice(0, 19).replace('T', ' ') ?? '–' },
      right('files', ({ figures }) =>
        figures?.openFiles === undefined ? '–' : `${figures.openFiles}/${figures.maxFiles ?? '?'}`,
      ),
      { title: 'alarms', value: ({ alarms }) => alarms.join(', ') },
    ],
    members,
  );
}

function stateOf({ healthy, etcd }: MemberReport): string {
  if (!healthy) return 'FAILED';
  if (etcd?.isLeader) return 'leader';
  return etcd?.isLearner ? 'learner' : 'ok';
}

function lastEnd(pod: MemberReport['pod']): string {
  return pod?.lastEnd === undefined ? '–' : `${pod.lastEnd.reason} (${pod.lastEnd.exitCode})`;
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

function right(title: string, value: (member: MemberReport) => string | number): Column<MemberReport> {
  return { title, align: 'right', value };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.round((part / whole) * 100)} %`;
}

/** Three digits; below a hundredth it is no more than noise. */
function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
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
