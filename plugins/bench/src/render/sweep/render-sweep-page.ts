import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { SweepReport } from '../../services/sweep/sweep-report.ts';
import { drawCharts } from './draw-charts.ts';
import { headline, problemsOf, sweepColumns, sweepRows } from './render-sweep.ts';
import { type ChartGroup, sweepCharts } from './sweep-charts.ts';

/**
 * The sweep as one HTML file with all that it needs inside: plots (uPlot), data and table. It loads nothing, so it
 * works from a disk, from a mail and years later.
 */
export function renderSweepPage(report: SweepReport): string {
  const groups = sweepCharts(report);
  const charts = groups.flatMap((group) => group.charts);
  const title = `${report.command} by ${report.dimensions.map(({ name }) => name).join(', ')}`;
  const problems = problemsOf(report.cells).map((problem) => `<li>${escapeText(problem)}</li>`);
  const require = createRequire(import.meta.url);
  const plotStyle = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const plotScript = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>
${plotStyle}
${STYLE}
</style>
</head>
<body>
<h1>${escapeText(title)}</h1>
<p><code>${escapeText(headline(report))}</code></p>
<p>${escapeText(`${report.startedAt}, ${Math.round(report.durationMs / 1000)} s, ${report.cells.length} of ${report.planned} cells${report.ending === 'interrupted' ? ': interrupted' : ''}`)}.
Bars show the least and the most of the repeats.</p>
${problems.length === 0 ? '' : `<ul class="problems">${problems.join('')}</ul>`}
${renderGroups(groups)}
<h2>All figures</h2>
${renderHtmlTable(report)}
<script>${plotScript}</script>
<script>
(${drawCharts.toString()})(window, uPlot, ${scriptJson(charts)});
</script>
</body>
</html>
`;
}

const STYLE = `
:root { --text: #1b1f24; --faint: #57606a; --page: #ffffff; --grid: #d8dee4;
  --line-0: #0b6bcb; --line-1: #c4510b; --line-2: #1a7f4b; --line-3: #a3319b; --line-4: #8a6d00; --line-5: #c0223b;
  --line-6: #00808a; --line-7: #5b5bd6; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --faint: #9da7b3; --page: #0d1117; --grid: #30363d;
  --line-0: #58a6ff; --line-1: #ffa657; --line-2: #56d364; --line-3: #e58fe0; --line-4: #e3c341; --line-5: #ff7b86;
  --line-6: #4fd1dc; --line-7: #a5a5ff; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 2rem auto;
  max-width: 90rem; padding: 0 1.5rem; }
h1, h2, h3 { line-height: 1.2; font-weight: 600; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; } h3 { font-size: 1rem; margin: 0 0 .3rem; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 2rem; }
.charts > section { min-width: 0; }
.u-legend { font-size: 12px; color: var(--text); }
.u-legend.u-inline { text-align: left; }
.problems { color: var(--line-5); }
.table { overflow-x: auto; }
table.figures { border-collapse: collapse; font: 13px ui-monospace, monospace; }
table.figures th, table.figures td { padding: .25rem .7rem; border-bottom: 1px solid var(--grid); text-align: right;
  white-space: nowrap; }
table.figures th { color: var(--faint); font-weight: 600; }
`;

function renderGroups(groups: readonly ChartGroup[]): string {
  let number = 0;
  return groups
    .map(({ title, charts }) => {
      const sections = charts.map((chart) => {
        const heading = `<h3>${escapeText(`${chart.title}, ${chart.unit}`)}</h3>`;
        return `<section>${heading}<div id="chart-${number++}"></div></section>`;
      });
      return `<h2>${escapeText(title)}</h2>\n<div class="charts">\n${sections.join('\n')}\n</div>`;
    })
    .join('\n');
}

function renderHtmlTable(report: SweepReport): string {
  const columns = sweepColumns(report);
  const line = (cells: readonly (string | number)[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeText(String(cell))}</${tag}>`).join('')}</tr>`;
  const head = line(
    columns.map(({ title }) => title),
    'th',
  );
  const body = sweepRows(report).map((row) =>
    line(
      columns.map(({ value }) => value(row)),
      'td',
    ),
  );
  return `<div class="table"><table class="figures">\n<thead>${head}</thead>\n<tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** JSON that is safe within a script element: a value may hold `</script>`. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
