import {
  endingLines,
  type RenderLoadOptions,
  renderErrors,
  renderFinding,
  renderTable,
  renderThresholds,
} from '@etcdperf/core/cli';
import type { LoadReport } from '@etcdperf/core/load';
import { formatMs } from '@etcdperf/core/stats';

/** What there is to say of something that stood, whatever it was. @param facts about it alone, a line each */
export function renderStanding(report: LoadReport, facts: readonly string[], options: RenderLoadOptions): string {
  return [
    head(report),
    facts.join('\n'),
    figures(report, options),
    renderErrors(report),
    remarks(report),
    renderThresholds(report),
  ]
    .concat(`run: ${report.runFolder}`)
    .filter((part) => part !== '')
    .join('\n\n');
}

function head({ command, startedAt, endpoints, durationMs, ending }: LoadReport): string {
  return [
    `${command}: ${formatMs(durationMs)}, from ${startedAt}, ${endpoints.join(', ')}`,
    ...endingLines(ending),
  ].join('\n');
}

function figures({ series }: LoadReport, { isPrecise }: RenderLoadOptions): string {
  const counted = series.filter(({ ok, fail, unknown }) => ok + fail + unknown > 0);
  if (counted.length === 0) return '';
  const time = (ms: number) => (Number.isNaN(ms) ? '–' : isPrecise === true ? `${ms.toFixed(6)} ms` : formatMs(ms));
  return renderTable<LoadReport['series'][number]>(
    [
      { title: '', value: ({ name }) => name },
      { title: 'ok', align: 'right', value: ({ ok }) => ok },
      { title: 'fail', align: 'right', value: ({ fail }) => fail },
      { title: 'unknown', align: 'right', value: ({ unknown }) => unknown },
      { title: 'rate', align: 'right', value: ({ perSec }) => `${Number(perSec.toPrecision(3))}/s` },
      { title: 'mean', align: 'right', value: ({ latency }) => time(latency.meanMs) },
      { title: 'p50', align: 'right', value: ({ latency }) => time(latency.p50Ms) },
      { title: 'p99', align: 'right', value: ({ latency }) => time(latency.p99Ms) },
      { title: 'p99.9', align: 'right', value: ({ latency }) => time(latency.p999Ms) },
      { title: 'max', align: 'right', value: ({ latency }) => time(latency.maxMs) },
    ],
    counted,
  );
}

function remarks({ generator, findings }: LoadReport): string {
  const { cpuPercent, eventLoopLagP99Ms, rssMb, verdict } = generator;
  return [
    `generator: ${cpuPercent.toFixed(1)} % of a core, event loop ${formatMs(eventLoopLagP99Ms)} late (p99), ${rssMb.toFixed(0)} MB`,
    ...(verdict === undefined ? [] : [`warning: ${verdict}`]),
    ...findings.map(renderFinding),
  ].join('\n');
}
