import type { MemberWindow } from '../etcd/index.ts';
import { formatMs } from '../stats/index.ts';
import { type Column, renderTable } from './table.ts';

/** What the members did while something was measured: a row each, and why there are no figures of one. */
export function renderMembers(members: readonly MemberWindow[]): string {
  if (members.length === 0) return '';
  const right = (title: string, value: (member: MemberWindow) => string | number): Column<MemberWindow> => ({
    title,
    align: 'right',
    value,
  });
  const table = renderTable<MemberWindow>(
    [
      { title: 'member', value: (member) => member.name },
      { title: '', value: ({ isLeader }) => (isLeader === true ? 'leader' : '') },
      { title: 'version', value: ({ version }) => version ?? '–' },
      right('cpu', ({ cpuPercent }) => (cpuPercent === undefined ? '–' : `${cpuPercent.toFixed(0)} %`)),
      right('memory', ({ memoryMb, memoryGrowthMb }) => size(memoryMb, memoryGrowthMb)),
      right('database', ({ dbSizeMb, dbGrowthMb }) => size(dbSizeMb, dbGrowthMb)),
      right('fsync p50', ({ fsyncP50Ms }) => time(fsyncP50Ms)),
      right('p99', ({ fsyncP99Ms }) => time(fsyncP99Ms)),
      right('commit p50', ({ commitP50Ms }) => time(commitP50Ms)),
      right('p99', ({ commitP99Ms }) => time(commitP99Ms)),
    ],
    members,
  );
  return [table, ...members.flatMap(remarks)].join('\n');
}

/** What ought not to happen while something is measured. */
function remarks({ name, problem, leaderChanges, slowApplies, failedProposals }: MemberWindow): string[] {
  const counts = [
    { count: leaderChanges, what: 'leader changes' },
    { count: slowApplies, what: 'slow applies' },
    { count: failedProposals, what: 'failed proposals' },
  ].filter(({ count }) => count !== undefined && count > 0);
  return [
    ...(problem === undefined ? [] : [`${name}: ${problem}`]),
    ...(counts.length === 0 ? [] : [`${name}: ${counts.map(({ count, what }) => `${count} ${what}`).join(', ')}`]),
  ];
}

function size(mb: number | undefined, growthMb: number | undefined): string {
  if (mb === undefined) return '–';
  if (growthMb === undefined) return `${mb.toFixed(1)} MB`;
  return `${mb.toFixed(1)} MB (${growthMb < 0 ? '−' : '+'}${Math.abs(growthMb).toFixed(1)})`;
}

function time(ms: number | undefined): string {
  return ms === undefined ? '–' : formatMs(ms);
}
