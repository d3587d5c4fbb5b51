import type { Finding, LoadPlan, LoadReport, SeriesReport } from '../load/index.ts';
import { formatMs, LatencyRecorder, renderHistogram } from '../stats/index.ts';
import { renderMembers } from './render-members.ts';
import { type Column, renderTable } from './table.ts';

export interface RenderLoadOptions {
  /** Columns that histograms may take. Default 72. */
  readonly width?: number;
  /** Times in ms with all their digits, instead of three and the unit that fits. */
  readonly isPrecise?: boolean;
}

/** All that is to be said of a load, for a terminal. */
export function renderLoadReport(report: LoadReport, options: RenderLoadOptions = {}): string {
  const time = options.isPrecise === true ? preciseMs : shortMs;
  const parts = [
    head(report),
    figures(report, time),
    ...histograms(report, options.width ?? 72),
    errors(report),
    sends(report, time),
    counters(report),
    renderMembers(report.members),
    remarks(report),
    thresholds(report),
    `run: ${report.runFolder}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

type Time = (ms: number) => string;

/** What was never measured is NaN, and null in a report that was read from its file. */
function isMissing(value: number | null): boolean {
  return value === null || Number.isNaN(value);
}

function shortMs(ms: number): string {
  return isMissing(ms) ? '–' : formatMs(ms);
}

function preciseMs(ms: number): string {
  return isMissing(ms) ? '–' : `${ms.toFixed(6)} ms`;
}

function head({ command, plan, endpoints, sent, durationMs, drainMs, ending, startedAt }: LoadReport): string {
  const lines = [
    `${command}: ${sent} requests in ${formatMs(durationMs)}, ${paceText(plan)}, ${count(plan.connections, 'connection')}${
      plan.threads > 1 ? `, ${plan.threads} threads` : ''
    }`,
    `${startedAt} to ${endpoints.join(', ')}`,
  ];
  if (drainMs > 1000) lines.push(`for the last ${formatMs(drainMs)} nothing was sent, answers were waited for`);
  switch (ending.kind) {
    case 'complete':
      break;
    case 'interrupted':
      lines.push('interrupted: these are the figures until then');
      break;
    case 'aborted':
      lines.push(`aborted, since an interval missed the threshold ${ending.threshold}`);
      break;
    case 'stopped':
      lines.push(`stopped: ${ending.reason}`);
      break;
    default:
      ending satisfies never;
  }
  return lines.join('\n');
}

function paceText({ pace, clients, maxInFlight }: LoadPlan): string {
  return pace.kind === 'closed'
    ? `closed loop, ${count(clients, 'client')}`
    : `open loop at ${perSec(pace.ratePerSec)}, at most ${maxInFlight} in flight, latency from the intended start`;
}

/** A line for each figure, a column for each series. */
function figures({ series }: LoadReport, time: Time): string {
  if (series.length === 0) return 'nothing was counted';
  const latency = (title: string, which: keyof SeriesReport['latency']): [string, (one: SeriesReport) => string] => [
    title,
    (one) => time(one.latency[which]),
  ];
  const lines: [string, (one: SeriesReport) => string | number][] = [
    ['ok', (one) => one.ok],
    ['fail', (one) => one.fail],
    ['unknown', (one) => one.unknown],
    ['rate', (one) => perSec(one.perSec)],
    latency('min', 'minMs'),
    latency('mean', 'meanMs'),
    latency('stddev', 'stddevMs'),
    latency('p10', 'p10Ms'),
    latency('p25', 'p25Ms'),
    latency('p50', 'p50Ms'),
    latency('p75', 'p75Ms'),
    latency('p90', 'p90Ms'),
    latency('p95', 'p95Ms'),
    latency('p99', 'p99Ms'),
    latency('p99.9', 'p999Ms'),
    latency('p99.99', 'p9999Ms'),
    latency('max', 'maxMs'),
  ];
  const columns: Column<(typeof lines)[number]>[] = [
    { title: '', value: ([title]) => title },
    ...series.map((one) => ({
      title: one.name,
      align: 'right' as const,
      value: ([, value]: (typeof lines)[number]) => value(one),
    })),
  ];
  return renderTable(columns, lines);
}

function histograms({ series }: LoadReport, width: number): string[] {
  return series.flatMap(({ name, histogram }) => {
    const lines = renderHistogram(LatencyRecorder.fromJSON(histogram), { width });
    if (lines.length === 0) return [];
    return [[...(series.length > 1 ? [`${name}:`] : []), ...lines].join('\n')];
  });
}

function errors({ errors: all }: LoadReport): string {
  if (all.length === 0) return '';
  return renderTable(
    [
      { title: 'errors', align: 'right', value: (error: (typeof all)[number]) => error.count },
      { title: '', value: (error) => error.outcome },
      { title: '', value: (error) => error.message },
    ],
    all,
  );
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

/** What the preflight found, with what to do about it. */
export function renderFinding({ message, hint }: Finding): string {
  return hint === undefined ? `note: ${message}` : `note: ${message} (${hint})`;
}

function thresholds({ thresholds: all }: LoadReport): string {
  if (all.length === 0) return '';
  return renderTable(
    [
      { title: 'threshold', value: (one: (typeof all)[number]) => one.text },
      { title: 'series', value: (one) => one.series },
      { title: 'measured', align: 'right', value: (one) => measured(one) },
      { title: '', value: (one) => (one.isMet ? 'met' : 'MISSED') },
    ],
    all,
  );
}

/** In the unit of the threshold's own limit. */
function measured({ text, actual }: LoadReport['thresholds'][number]): string {
  if (isMissing(actual)) return 'nothing';
  if (text.endsWith('%')) return `${Number(actual.toFixed(4))} %`;
  if (/rate\s*[<>]/.test(text)) return perSec(actual);
  return /(ns|us|µs|ms|s|m|h)$/.test(text) ? formatMs(actual) : String(actual);
}

function perSec(rate: number): string {
  return `${rate >= 100 ? rate.toFixed(0) : Number(rate.toPrecision(3))}/s`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
