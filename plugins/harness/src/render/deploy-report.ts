import { renderTable } from '@etcdperf/core/cli';
import type { DeployedMember, DeployReport } from '@etcdperf/core/etcd';
import { quoteArgv } from '@etcdperf/core/ssh';
import { renderReasons } from './reasons.ts';

export function renderDeployReport(report: DeployReport): string {
  const table = renderTable<DeployedMember>(
    [
      { title: 'member', value: (member) => member.name },
      { title: 'host', value: (member) => member.host },
      { title: 'endpoint', value: (member) => member.endpoint },
      { title: 'state', value: (member) => member.result.kind },
      { title: 'pid', align: 'right', value: ({ result }) => ('pid' in result ? result.pid : '') },
      { title: 'open files', align: 'right', value: ({ result }) => ('nofile' in result ? result.nofile : '') },
      { title: 'data', value: (member) => member.dataDir },
    ],
    report.members,
  );
  const reasons = renderReasons(report.members);
  return [headline(report), '', table, ...report.members.flatMap(intention), ...reasons].join('\n');
}

/** Of a dry run: how a member differs, and the command that would start it. */
function intention({ name, host, result }: DeployedMember): string[] {
  if (!('argv' in result)) return [];
  const differences = result.kind === 'would restart' ? result.differences.map((line) => `  ${line}`) : [];
  return ['', `${name === host ? name : `${name} on ${host}`}:`, ...differences, `  ${quoteArgv(result.argv)}`];
}

function headline({ cluster, version, outcome, leader, durationMs }: DeployReport): string {
  const what = `cluster ${cluster} (etcd ${version})`;
  const led = leader === undefined ? '' : `, ${leader} leads`;
  switch (outcome.kind) {
    case 'deployed':
      return `${what} deployed in ${(durationMs / 1000).toFixed(1)} s${led}`;
    case 'unchanged':
      return `${what} runs as wanted, nothing was changed${led}`;
    case 'planned':
      return `${what}: this would be done`;
    case 'refused':
      return `${what} not deployed: ${outcome.reason}`;
    case 'failed':
      return `${what} failed: ${outcome.reason}`;
    default:
      return outcome satisfies never;
  }
}
