import { escapeText, renderPage, scriptJson } from '@etcdperf/core/page';
import type { PrefixNode } from '../../services/summary/prefix-node.ts';
import { drawTreemap } from './draw-treemap.ts';
import { squarify } from './squarify.ts';
import { treemapData } from './treemap-data.ts';

export interface TreemapPage {
  readonly title: string;
  /** Lines above the map. */
  readonly lines: readonly string[];
  readonly tree: PrefixNode;
}

/** What fills a database as one HTML file with all that it needs inside: boxes to zoom into, and a table. */
export function renderTreemapPage({ title, lines, tree }: TreemapPage): string {
  return renderPage({
    title,
    style: STYLE,
    body: `<p>${lines.map(escapeText).join('<br>\n')}</p>
<p class="choices">
<label>size <select id="size"><option value="bytes">bytes</option><option value="keys">keys</option><option value="versions">versions</option></select></label>
<label>colour <select id="colour"><option value="versions">versions per key</option><option value="bytes">bytes per key</option><option value="keys">keys</option></select></label>
<span class="hint">blue is little, red is much; click or Enter zooms in, Escape out, arrows go on</span>
</p>
<nav id="trail" aria-label="where the map is"></nav>
<div id="map" role="group" aria-label="treemap"></div>
<p id="told" aria-live="polite"></p>
<div class="table"><table class="figures"><tbody id="table"></tbody></table></div>`,
    scripts: [`(${drawTreemap.toString()})(window, ${squarify.toString()}, ${scriptJson(treemapData(tree))});`],
  });
}

const STYLE = `
#map { position: relative; height: max(28rem, 60vh); margin: .5rem 0; }
.box { position: absolute; box-sizing: border-box; margin: 0; padding: 1px 4px; border: 1px solid var(--page); overflow: hidden;
  font: 12px/1.25 system-ui, sans-serif; text-align: left; vertical-align: top; display: flex; align-items: flex-start;
  white-space: nowrap; cursor: default; }
.box.more { cursor: zoom-in; }
.box.frame { border-color: var(--faint); font-weight: 600; }
.box:hover { outline: 2px solid var(--text); outline-offset: -2px; }
.box:focus-visible { outline: 3px solid var(--line-5); outline-offset: -3px; }
#trail button { font: inherit; color: var(--line-0); background: none; border: 0; padding: 0 .1rem; cursor: pointer; }
#trail button:disabled { color: var(--text); font-weight: 600; cursor: default; }
#told { min-height: 3em; overflow-wrap: anywhere; }
.choices label { margin-right: 1.5rem; } .choices select { font: inherit; }
.hint { color: var(--faint); }
table.figures th:first-child, table.figures td:first-child { text-align: left; }
`;
