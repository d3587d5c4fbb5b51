import { type RenderLoadOptions, renderFinding, renderLoadReport, renderTable } from '@etcdperf/core/cli';
import type { DriverReport, MissedPartRate } from '../services/driver-report.ts';
import { renderVerification } from './render-verification.ts';

/** All that is to be said of a driver's run, for a terminal. */
export function renderDriver(report: DriverReport, options: RenderLoadOptions = {}): string {
  const { ramp, steady, verification, findings } = report;
  const phase = (title: string, load: DriverReport['ramp']) =>
    load === undefined ? '' : renderLoadReport({ ...load, command: title }, { ...options, isPart: true });
  const parts = [
    head(report),
    phase('loading', ramp),
    phase(ramp === undefined ? 'load' : 'after loading', steady),
    missed(report),
    ...(verification === undefined ? [] : [renderVerification(verification)]),
    interruptions(report),
    findings.map(renderFinding).join('\n'),
    files(report),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function head({ command, name, pattern, keySpace, ending }: DriverReport): string {
  const lines = [`${command}: ${name}, ${keySpace} keys of ${pattern}`];
  switch (ending.kind) {
    case 'complete':
      break;
    case 'end-key':
      lines.push('ended by the end key');
      break;
    case 'interrupted':
      lines.push('interrupted: these are the figures until then');
      break;
    case 'aborted':
      lines.push(`aborted, since an interval missed the threshold ${ending.threshold}`);
      break;
    case 'stopped':
    case 'superseded':
      lines.push(`stopped: ${ending.reason}`);
      break;
    default:
      ending satisfies never;
  }
  return lines.join('\n');
}

function missed({ missedRates }: DriverReport): string {
  if (missedRates.length === 0) return '';
  const perSec = (rate: number) => `${rate >= 100 ? rate.toFixed(0) : Number(rate.toPrecision(3))}/s`;
  return renderTable<MissedPartRate>(
    [
      { title: 'rate not held', value: ({ kind }) => kind },
      { title: 'asked', align: 'right', value: ({ askedPerSec }) => perSec(askedPerSec) },
      { title: 'reached', align: 'right', value: ({ reachedPerSec }) => perSec(reachedPerSec) },
      { title: 'dropped', align: 'right', value: ({ dropped }) => dropped },
    ],
    missedRates,
  );
}

function interruptions({ pauses, gaps }: DriverReport): string {
  return [
    ...gaps.map(({ from, to }) => `gap: no load from ${from} to ${to}: no process of this driver was there`),
    ...pauses.map(({ from, to, reason }) => `pause: no writes from ${from} to ${to ?? 'the end'}: ${reason}`),
  ].join('\n');
}

function files({ runFolder, csv, unwritten }: DriverReport): string {
  const lines = [`run: ${runFolder}${unwritten === undefined ? '' : `; warning: not whole: ${unwritten}`}`];
  if (csv !== undefined)
    lines.unshift(`csv: ${csv.file}${csv.problem === undefined ? '' : `; warning: lines are missing: ${csv.problem}`}`);
  return lines.join('\n');
}
