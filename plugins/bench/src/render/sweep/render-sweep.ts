import { type Column, renderTable } from '@etcdperf/core/cli';
import { formatMs } from '@etcdperf/core/stats';
import { type Cell, describeCombination } from '../../services/sweep/sweep-plan.ts';
import type {
  CellResult,
  CombinationSummary,
  SeriesSummary,
  Spread,
  SweepReport,
} from '../../services/sweep/sweep-report.ts';

/** A line of the table: a series of a combination; of one that never succeeded, itself alone. */
export interface SweepRow {
  readonly summary: CombinationSummary;
  readonly series: SeriesSummary | undefined;
}

export function sweepRows({ combinations }: Pick<SweepReport, 'combinations'>): SweepRow[] {
  return combinations.flatMap((summary): SweepRow[] =>
    summary.series.length === 0
      ? [{ summary, series: undefined }]
      : summary.series.map((series) => ({ summary, series })),
  );
}

/** The same columns in the terminal and on the page; those that never say anything are left out. */
export function sweepColumns({ dimensions, combinations, repeats }: SweepReport): Column<SweepRow>[] {
  const hasSeveralSeries = combinations.some(({ series }) => series.length > 1);
  const hasProblems = combinations.some(({ measured, failed, series }) => {
    const lost = series.reduce((sum, { fail, unknown }) => sum + fail + unknown, 0);
    return measured < repeats || failed > 0 || lost > 0;
  });
  const figure = (title: string, text: (series: SeriesSummary) => string): Column<SweepRow> => ({
    title,
    align: 'right',
    value: ({ series }) => (series === undefined ? '–' : text(series)),
  });
  const repeated = (column: Column<SweepRow>) => (repeats > 1 ? [column] : []);
  return [
    ...dimensions.map(
      ({ name }): Column<SweepRow> => ({
        title: name,
        align: 'right',
        value: ({ summary }) => summary.combination[name] ?? '',
      }),
    ),
    ...(hasSeveralSeries ? [figure('series', ({ name }) => name)] : []),
    figure('per s', ({ perSec }) => rate(perSec.value)),
    ...repeated(figure('min-max', ({ perSec }) => range(perSec, rate))),
    figure('p50', ({ latency }) => formatMs(latency.p50Ms.value)),
    figure('p90', ({ latency }) => formatMs(latency.p90Ms.value)),
    figure('p99', ({ latency }) => formatMs(latency.p99Ms.value)),
    ...repeated(figure('min-max', ({ latency }) => range(latency.p99Ms, formatMs))),
    figure('p99.9', ({ latency }) => formatMs(latency.p999Ms.value)),
    figure('max', ({ latency }) => formatMs(latency.maxMs.value)),
    ...(hasProblems
      ? [
          figure('fail', ({ fail }) => String(fail)),
          figure('unknown', ({ unknown }) => String(unknown)),
          {
            title: 'repeats',
            align: 'right',
            value: ({ summary }) => `${summary.measured}/${repeats}`,
          } satisfies Column<SweepRow>,
        ]
      : []),
  ];
}

/** The table, what went wrong, and where the rest is. */
export function renderSweep(report: SweepReport): string {
  const { cells, planned } = report;
  const problems = problemsOf(cells);
  const limited = cells.filter(({ verdict }) => verdict !== undefined).length;
  return [
    renderTable(sweepColumns(report), sweepRows(report)),
    '',
    headline(report),
    ...(report.ending === 'interrupted' ? [`interrupted after ${cells.length} of ${planned} cells`] : []),
    ...(problems.length > 0 ? ['', ...problems] : []),
    ...(report.notCleaned === undefined ? [] : [`not cleaned up: ${report.notCleaned}`]),
    ...(limited > 0
      ? [
          `in ${limited} of ${cells.length} cells the generator, or this machine, may have been the limit: their run folders tell`,
        ]
      : []),
    '',
    `plots:  ${report.runFolder}/sweep.html`,
    `CSV:    ${report.runFolder}/cells.csv`,
  ].join('\n');
}

/** What was swept, in a line. */
export function headline({ command, words, repeats }: SweepReport): string {
  const of = repeats === 1 ? '' : `; ${repeats} repeats: throughput is their median, latency of all of them together`;
  return `${[command, ...words].join(' ')}${of}`;
}

/** `cell 3 of 24: key-count 10, consistency l (repeat 1)`. */
export function renderCell({ index, repeat, combination }: Cell, planned: number): string {
  return `cell ${index + 1} of ${planned}: ${describeCombination(combination)} (repeat ${repeat})`;
}

/** What came of a cell, for who watches the sweep. */
export function renderCellResult({ combination, repeat, status, series }: CellResult): string {
  const cell = `${describeCombination(combination)} (repeat ${repeat})`;
  if (status.kind === 'failed') return `${cell}: failed: ${status.message}`;
  if (status.kind === 'interrupted') return `${cell}: interrupted`;
  const figures = series.map(({ name, perSec, latency }) => {
    return `${series.length > 1 ? `${name} ` : ''}${rate(perSec)}/s, p99 ${formatMs(latency.p99Ms ?? Number.NaN)}`;
  });
  return `${cell}: ${figures.join('; ')}${status.kind === 'missed' ? `; missed ${status.thresholds.join(', ')}` : ''}`;
}

const MOST_PROBLEMS = 20;

/** Cells that failed or missed a threshold, one line each; the first of many. */
export function problemsOf(cells: readonly CellResult[]): string[] {
  const problems = cells.flatMap(({ combination, repeat, status }) => {
    const cell = `${describeCombination(combination)} (repeat ${repeat})`;
    if (status.kind === 'failed') return [`failed: ${cell}: ${status.message}`];
    if (status.kind === 'missed') return [`missed: ${cell}: ${status.thresholds.join(', ')}`];
    return [];
  });
  const more = problems.length - MOST_PROBLEMS;
  return more > 0 ? [...problems.slice(0, MOST_PROBLEMS), `and ${more} more: see cells.csv`] : problems;
}

function rate(perSec: number): string {
  if (Number.isNaN(perSec)) return '–';
  return perSec >= 100 ? String(Math.round(perSec)) : perSec.toFixed(1);
}

function range({ min, max }: Spread, format: (value: number) => string): string {
  return Number.isNaN(min) ? '–' : `${format(min)}-${format(max)}`;
}
