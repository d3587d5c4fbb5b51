import type { LoadPlan, LoadReport } from '../load/index.ts';
import { formatMs } from '../stats/index.ts';
import { perSec, preciseMs, renderFigures, renderHistograms, shortMs, type Time } from './render-load-figures.ts';
import { endingLines, renderErrors, renderFinding, renderThresholds } from './render-load-judgement.ts';
import { renderMembers } from './render-members.ts';

export interface RenderLoadOptions {
  /** Columns that histograms may take. Default 72. */
  readonly width?: number;
  /** Times in ms with all their digits, instead of three and the unit that fits. */
  readonly isPrecise?: boolean;
  /** One of several loads of a run: shorter, without histograms; where the folder is, is said once for all. */
  readonly isPart?: boolean;
}

/** All that is to be said of a load, for a terminal. */
export function renderLoadReport(report: LoadReport, options: RenderLoadOptions = {}): string {
  const time = options.isPrecise === true ? preciseMs : shortMs;
  const parts = [
    head(report),
    renderFigures(report, time),
    ...(options.isPart === true ? [] : renderHistograms(report, options.width ?? 72)),
    renderErrors(report),
    sends(report, time),
    options.isPart === true ? countersOfPart(report) : counters(report),
    renderMembers(report.members),
    remarks(report),
    renderThresholds(report),
    options.isPart === true ? '' : `run: ${report.runFolder}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function head({ command, plan, endpoints, sent, durationMs, drainMs, ending, startedAt }: LoadReport): string {
  const lines = [
    `${command}: ${sent} requests in ${formatMs(durationMs)}, ${paceText(plan)}, ${count(plan.connections, 'connection')}${
      plan.threads > 1 ? `, ${plan.threads} threads` : ''
    }`,
    `${startedAt} to ${endpoints.join(', ')}`,
  ];
  if (drainMs > 1000) lines.push(`for the last ${formatMs(drainMs)} nothing was sent, answers were waited for`);
  lines.push(...endingLines(ending));
  return lines.join('\n');
}

function paceText({ pace, clients, maxInFlight }: LoadPlan): string {
  return pace.kind === 'closed'
    ? `closed loop, ${count(clients, 'client')}`
    : `open loop at ${perSec(pace.ratePerSec)}, at most ${maxInFlight} in flight, latency from the intended start`;
}

/** Of an open loop: whether it was one. */
function sends({ plan, sent, late, dropped, lateness, missedRate }: LoadReport, time: Time): string {
  if (plan.pace.kind === 'closed') return '';
  const lines = [
    `sends: ${late} of ${sent} late (more than 1 ms after they were due), ${dropped} dropped` +
      (lateness === undefined || lateness.count === 0
        ? ''
        : `; behind by p50 ${time(lateness.p50Ms)}, p99 ${time(lateness.p99Ms)}, max ${time(lateness.maxMs)}`),
  ];
  if (missedRate !== undefined)
    lines.push(
      `warning: the rate could not be held: ${perSec(missedRate.askedPerSec)} asked for, ${perSec(missedRate.reachedPerSec)} sent${
        missedRate.isInFlightFull ? `; as many requests as allowed (${plan.maxInFlight}) were without an answer` : ''
      }`,
    );
  return lines.join('\n');
}

function counters({ counters: all }: LoadReport): string {
  return Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

const LINE_WIDTH = 100;

/** In as few lines as they need, and those only that counted something. */
function countersOfPart({ counters: all }: LoadReport): string {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(all)) {
    if (value === 0) continue;
    const last = lines.at(-1);
    const word = `${name} ${value}`;
    if (last === undefined || last.length + word.length + 3 > LINE_WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last}, ${word}`;
  }
  return lines.length === 0 ? '' : `counted: ${lines.join(',\n  ')}`;
}

function remarks({ generator, findings, sent, durationMs }: LoadReport): string {
  const cpuSeconds = (generator.cpuPercent / 100) * (durationMs / 1000);
  // Of less CPU time than the system counts in, the quotient says nothing.
  const perCpuSecond = cpuSeconds < 0.05 ? '' : ` (${Math.round(sent / cpuSeconds)} requests per CPU second)`;
  const lines = [
    `generator: ${generator.cpuPercent.toFixed(0)} % of a core${perCpuSecond}, event loop ${formatMs(generator.eventLoopLagP99Ms)} late (p99), ` +
      `${generator.rssMb.toFixed(0)} MB; this machine ${generator.machineCpuPercent.toFixed(0)} % busy`,
  ];
  if (generator.verdict !== undefined) lines.push(`warning: ${generator.verdict}`);
  lines.push(...findings.map(renderFinding));
  return lines.join('\n');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
