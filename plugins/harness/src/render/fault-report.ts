import { renderTable } from '@etcdperf/core/cli';
import type { ActiveFaultsReport } from '../services/fault/active-faults.ts';
import type { FaultReport, ReportedMoment } from '../services/fault/fault-report.ts';
import { describeFault } from '../services/fault/fault-spec.ts';

export function renderFaultReport(report: FaultReport): string {
  const { effect } = report;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['how', report.method],
    ['began', moment(report.began)],
    ['ended', report.ended && moment(report.ended)],
    ['held for', report.heldMs === undefined ? undefined : seconds(report.heldMs)],
    ['leader', `${effect.leaderBefore ?? 'none'} before, ${effect.leaderAfter ?? 'none'} after`],
    ['leader changes', String(effect.leaderChanges)],
    ['without service', `${seconds(effect.withoutServiceMs)} at the longest, seen at the other members`],
    ['well again', effect.recoveredMs === undefined ? 'not seen' : `${seconds(effect.recoveredMs)} after the end`],
  ];
  const width = Math.max(...lines.map(([title]) => title.length));
  const table = lines.flatMap(([title, value]) => (value === undefined ? [] : [`${title.padEnd(width)}  ${value}`]));
  const notes = report.notes.length === 0 ? [] : ['', ...report.notes.map((note) => `- ${note}`)];
  return [headline(report), '', ...table, ...notes].join('\n');
}

export function renderActiveFaults({ cluster, hosts }: ActiveFaultsReport): string {
  const faults = hosts.flatMap(({ host, faults: active }) => active.map((fault) => ({ host, ...fault })));
  const problems = hosts.flatMap(({ host, problem }) => (problem === undefined ? [] : [`- ${host}: ${problem}`]));
  const tail = problems.length === 0 ? [] : ['', ...problems];
  if (faults.length === 0)
    return [`cluster ${cluster}: ${problems.length === 0 ? 'no fault is active' : 'no fault is known'}`, ...tail].join(
      '\n',
    );
  const table = renderTable<(typeof faults)[number]>(
    [
      { title: 'member', value: ({ record }) => record.member },
      { title: 'host', value: ({ host }) => host },
      { title: 'fault', value: ({ record }) => describeFault(record.spec) },
      { title: 'for', align: 'right', value: ({ record }) => seconds(record.forMs) },
      { title: 'since', value: ({ record }) => record.since },
      { title: 'by', value: ({ record }) => record.who },
      { title: 'timer', value: ({ isWatched }) => (isWatched ? 'runs' : 'GONE') },
      { title: 'undone', value: ({ undone }) => (undone === 'not asked for' ? '' : undone) },
    ],
    faults,
  );
  return [`cluster ${cluster}: ${faults.length} active`, '', table, ...tail].join('\n');
}

function headline({ member, host, fault, outcome }: FaultReport): string {
  const what = `${describeFault(fault)}: ${member}${host === '' || host === member ? '' : ` on ${host}`}`;
  switch (outcome.kind) {
    case 'ended':
      return `${what}, and mended`;
    case 'interrupted':
      return `${what}, interrupted and mended`;
    case 'left to the host':
      return `${what}; its host mends it by its own timer (${outcome.reason})`;
    default:
      return outcome satisfies never;
  }
}

function moment({ at, errorMs }: ReportedMoment): string {
  return `${at} ± ${errorMs.toFixed(1)} ms`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}
