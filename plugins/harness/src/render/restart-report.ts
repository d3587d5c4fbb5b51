import { renderTable } from '@etcdperf/core/cli';
import type { RestartReport } from '../services/restart/restart-report.ts';
import { renderReasons } from './reasons.ts';

export function renderRestartReport(report: RestartReport): string {
  const done = (value: (result: Restarted) => string | number) => (member: RestartReport['members'][number]) =>
    member.result.kind === 'restarted' ? value(member.result) : '';
  const table = renderTable<RestartReport['members'][number]>(
    [
      { title: 'member', value: ({ name }) => name },
      { title: 'host', value: ({ host }) => host },
      { title: 'result', value: ({ result }) => result.kind },
      { title: 'down', align: 'right', value: done(({ downMs }) => seconds(downMs)) },
      { title: 'caught up after', align: 'right', value: done(({ caughtUpMs }) => seconds(caughtUpMs)) },
      { title: 'leader changes', align: 'right', value: done(({ leaderChanges }) => leaderChanges) },
      { title: 'leadership to', value: done(({ leadershipTo }) => leadershipTo ?? '') },
    ],
    report.members,
  );
  const notes = report.notes.length === 0 ? [] : ['', ...report.notes.map((note) => `- ${note}`)];
  return [headline(report), '', table, ...renderReasons(report.members), ...notes].join('\n');
}

type Restarted = Extract<RestartReport['members'][number]['result'], { kind: 'restarted' }>;

function headline({ cluster, outcome, members, durationMs }: RestartReport): string {
  const done = members.filter(({ result }) => result.kind === 'restarted').length;
  const count = `${done} of ${members.length} members of cluster ${cluster} restarted`;
  switch (outcome.kind) {
    case 'restarted':
      return `${count} in ${seconds(durationMs)}`;
    case 'failed':
      return `${count}, then it failed: ${outcome.reason}`;
    case 'interrupted':
      return `${count}, then interrupted`;
    default:
      return outcome satisfies never;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
