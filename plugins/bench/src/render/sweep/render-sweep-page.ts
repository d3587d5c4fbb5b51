import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { escapeText, renderPage, scriptJson } from '@etcdperf/core/page';
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
  const told = `${report.startedAt}, ${Math.round(report.durationMs / 1000)} s, ${report.cells.length} of ${report.planned} cells${report.ending === 'interrupted' ? ': interrupted' : ''}`;
  return renderPage({
    title,
    style: `${plotStyle}\n${STYLE}`,
    body: `<p><code>${escapeText(headline(report))}</code></p>
<p>${escapeText(told)}.
Bars show the least and the most of the repeats.</p>
${problems.length === 0 ? '' : `<ul class="problems">${problems.join('')}</ul>`}
${renderGroups(groups)}
<h2>All figures</h2>
${renderHtmlTable(report)}`,
    scripts: [plotScript, `(${drawCharts.toString()})(window, uPlot, ${scriptJson(charts)});`],
  });
}

const STYLE = `
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 2rem; }
.charts > section { min-width: 0; }
.u-legend { font-size: 12px; color: var(--text); }
.u-legend.u-inline { text-align: left; }
.problems { color: var(--line-5); }
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
