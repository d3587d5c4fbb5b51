import type { Dimension } from './sweep-plan.ts';
import type { CellResult } from './sweep-report.ts';

const FIGURES = ['minMs', 'meanMs', 'p50Ms', 'p90Ms', 'p95Ms', 'p99Ms', 'p999Ms', 'p9999Ms', 'maxMs'] as const;

/** The first line of `cells.csv`: a line for each series of each cell, latencies in ms. */
export function cellCsvHeader(dimensions: readonly Dimension[]): string {
  const names = dimensions.map(({ name }) => quoted(name));
  return `${[...names, 'repeat', 'status', 'series', 'ok', 'fail', 'unknown', 'per_sec', ...FIGURES.map(snake), 'generator_cpu_percent'].join(',')}\n`;
}

/** A cell without figures (it failed) has one line that says so. */
export function cellCsvLines(cell: CellResult, dimensions: readonly Dimension[]): string {
  const values = dimensions.map(({ name }) => quoted(cell.combination[name] ?? ''));
  const start = [...values, cell.repeat, cell.status.kind];
  if (cell.series.length === 0) return `${[...start, ...Array(FIGURES.length + 6).fill('')].join(',')}\n`;
  return cell.series
    .map(({ name, ok, fail, unknown, perSec, latency }) => {
      const counts = [quoted(name), ok, fail, unknown, perSec.toFixed(1)];
      return `${[...start, ...counts, ...FIGURES.map((figure) => latency[figure] ?? ''), cell.cpuPercent?.toFixed(1)].join(',')}\n`;
    })
    .join('');
}

/** `p99Ms` → `p99_ms`. */
function snake(name: string): string {
  return name.replace(/Ms$/, '_ms');
}

/** As RFC 4180 has it. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
