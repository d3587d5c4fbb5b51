import { LatencyRecorder } from '@etcdperf/core/stats';
import { openPage } from '@etcdperf/core/testing';
import { describe, expect, test } from 'vitest';
import { summarizeCells } from '../../services/sweep/summarize-cells.ts';
import { cellsOf, combinationsOf } from '../../services/sweep/sweep-plan.ts';
import type { CellStatus, SweepReport } from '../../services/sweep/sweep-report.ts';
import { renderSweepPage } from './render-sweep-page.ts';
import { sweepCharts } from './sweep-charts.ts';

/** Two repeats of range reads, slower with every key, one of them failed. */
const report = makeReport();

describe('plots', () => {
  test('each varied value has throughput and latencies, a line for each of the others', () => {
    const groups = sweepCharts(report);
    expect(groups.map(({ title }) => title)).toEqual(['by key-count', 'by consistency']);
    const [byKeys, byConsistency] = groups.map(({ charts }) => charts[0]!);
    expect(byKeys).toMatchObject({ title: 'throughput', xKind: 'log', x: [1, 10, 1000], yKind: 'log' });
    expect(byKeys!.lines.map(({ label }) => label)).toEqual(['consistency l', 'consistency </script>']);
    expect(byKeys!.lines[0]).toMatchObject({ y: [1500, 150, 1.5], low: [1000, 100, 1], high: [2000, 200, 2] });
    // Where nothing was measured there is a gap, not a zero.
    expect(byKeys!.lines[1]!.y).toEqual([1500, 150, null]);
    expect(byConsistency).toMatchObject({ xKind: 'labels', xLabels: ['l', '</script>'], x: [0, 1] });
  });
});

describe('the page in Chromium, from a file', () => {
  test.each([
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(13, 17, 23)'],
  ] as const)(
    '%s: canvases that are drawn on, the table, no error',
    async (colours, background) => {
      const html = renderSweepPage(report);
      // It loads nothing: neither from a network nor from beside it.
      expect(html).not.toMatch(/<(link|img|iframe)\b|\bsrc=|@import|url\(|fetch\(|XMLHttpRequest/);
      const { seen, errors } = await openPage<Seen>(html, LOOK, { colours });
      expect(errors).toEqual([]);
      expect(seen.background).toBe(background);
      expect(seen.canvases).toHaveLength(12);
      // Axes, lines and bars in several colours; an empty plot has none.
      for (const canvas of seen.canvases) {
        expect(canvas.pixels).toBeGreaterThan(1000);
        expect(canvas.colours).toBeGreaterThan(5);
      }
      expect(seen.rows).toBe(6);
      expect(seen.text).toContain('failed: key-count 1000, consistency </script> (repeat 1): no <b>such</b> thing');
      expect(seen.overflow).toBe(false);
    },
    180_000,
  );
});

interface Seen {
  readonly background: string;
  readonly canvases: readonly { readonly pixels: number; readonly colours: number }[];
  readonly rows: number;
  readonly text: string;
  /** The page is wider than its window. */
  readonly overflow: boolean;
}

/** What a reader of the page sees, asked for within it. */
const LOOK = `
  const canvases = [...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    let pixels = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] < 128) continue;
      pixels += 1;
      colours.add(data[at] * 65536 + data[at + 1] * 256 + data[at + 2]);
    }
    return { pixels, colours: colours.size };
  });
  const rows = document.querySelectorAll('table.figures tbody tr').length;
  const background = getComputedStyle(document.body).backgroundColor;
  const text = document.body.innerText;
  const overflow = document.documentElement.scrollWidth > innerWidth;
  return { background, canvases, rows, text, overflow };`;

function makeReport(): SweepReport {
  const dimensions = [
    { name: 'key-count', values: ['1', '10', '1000'] },
    { name: 'consistency', values: ['l', '</script>'] },
  ];
  const combinations = combinationsOf(dimensions);
  const measured = cellsOf(combinations, 2).map((cell) => {
    const keys = Number(cell.combination['key-count']);
    const isBroken = keys === 1000 && cell.combination.consistency !== 'l';
    const recorder = new LatencyRecorder();
    for (let index = 1; index <= 1000; index += 1) recorder.record(index * keys * 1000);
    const status: CellStatus = isBroken ? { kind: 'failed', message: 'no <b>such</b> thing' } : { kind: 'done' };
    const series = { name: 'range', ok: 1000, fail: 0, unknown: 0, latency: recorder.figures() };
    return {
      result: {
        ...cell,
        status,
        startedAt: '2026-01-01T00:00:00.000Z',
        durationMs: 1000,
        series: isBroken ? [] : [{ ...series, perSec: (1000 * cell.repeat) / keys }],
        cpuPercent: undefined,
        verdict: undefined,
        runFolder: undefined,
      },
      isWrongInput: false,
      histograms: new Map(isBroken ? [] : [['range', recorder.toJSON()]]),
    };
  });
  return {
    command: 'bench:range',
    words: ['--duration=1s'],
    dimensions,
    repeats: 2,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 12_000,
    ending: 'complete',
    planned: measured.length,
    cells: measured.map(({ result }) => result),
    combinations: summarizeCells(combinations, measured),
    runFolder: '/runs/sweep',
    notCleaned: undefined,
  };
}
