import { LatencyRecorder } from '@etcdperf/core/stats';
import { expect, test } from 'vitest';
import { cellCsvHeader, cellCsvLines } from './cell-csv.ts';
import { exitCodeOfSweep } from './exit-code-of-sweep.ts';
import type { MeasuredCell } from './run-cell.ts';
import { summarizeCells } from './summarize-cells.ts';
import { type Cell, cellsOf, combinationsOf } from './sweep-plan.ts';
import type { CellResult, CellStatus } from './sweep-report.ts';

const DIMENSIONS = [
  { name: 'clients', values: ['1', '10'] },
  { name: 'consistency', values: ['l', 's'] },
];

test('every combination is measured once before any is repeated, every second time in reverse', () => {
  const combinations = combinationsOf(DIMENSIONS);
  const cells = cellsOf(combinations, 3);
  const once = ['1 l', '1 s', '10 l', '10 s'];
  expect(cells.map(({ combination }) => Object.values(combination).join(' '))).toEqual([
    ...once,
    ...once.toReversed(),
    ...once,
  ]);
  expect(cells.map(({ index }) => index)).toEqual([...cells.keys()]);
  expect(cells.map(({ repeat }) => repeat)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
});

test('repeats are one: the median of rates, percentiles of all latencies together, and the range', () => {
  const combinations = combinationsOf(DIMENSIONS);
  const [cell] = cellsOf(combinations, 1);
  // 300 quick answers in one repeat and 100 slow ones in another: the median of all is quick, whatever the averages.
  const measured = [
    measuredCell(cell!, { latenciesMs: Array(300).fill(1), perSec: 30 }),
    measuredCell(cell!, { latenciesMs: Array(100).fill(9), perSec: 10 }),
    measuredCell(cell!, { latenciesMs: [5], perSec: 20, status: { kind: 'missed', thresholds: ['put p99<1ms'] } }),
    measuredCell(cell!, { latenciesMs: [], perSec: 0, status: { kind: 'failed', message: 'no' } }),
    measuredCell(cell!, { latenciesMs: [700], perSec: 1, status: { kind: 'interrupted' } }),
  ];
  const [first, second] = summarizeCells(combinations, measured);
  expect(first).toMatchObject({ combination: combinations[0], measured: 3, failed: 1 });
  const [series] = first!.series;
  expect(series).toMatchObject({ name: 'put', ok: 401, perSec: { value: 20, min: 10, max: 30 } });
  expect(series!.latency.p50Ms.value).toBeCloseTo(1, 2);
  expect(series!.latency.p50Ms.max).toBeCloseTo(9, 1);
  expect(series!.latency.p99Ms.value).toBeCloseTo(9, 1);
  expect(second).toEqual({ combination: combinations[1], measured: 0, failed: 0, series: [] });
});

test('CSV: every line has a value for each title, also of a cell that failed; commas are quoted', () => {
  const dimensions = [{ name: 'value', values: ['a,b'] }];
  const [cell] = cellsOf(combinationsOf(dimensions), 1);
  const lines = [
    cellCsvHeader(dimensions),
    cellCsvLines(measuredCell(cell!, { latenciesMs: [1, 2, 3], perSec: 3 }).result, dimensions),
    cellCsvLines(
      measuredCell(cell!, { latenciesMs: [], perSec: 0, status: { kind: 'failed', message: 'no, "never"' } }).result,
      dimensions,
    ),
  ];
  const split = lines.map((line) => line.replaceAll(/"(?:[^"]|"")*"/g, 'quoted').split(',').length);
  expect(new Set(split).size).toBe(1);
  expect(lines[1]).toMatch(/^"a,b",1,done,put,3,0,0,3\.0,1,2,/);
  expect(lines[2]).toMatch(/^"a,b",1,failed,,+\n$/);
});

test.each([
  [['done', 'done'], 'complete', 0],
  [['done', 'missed'], 'complete', 3],
  [['missed', 'failed'], 'complete', 1],
  [['failed', 'interrupted'], 'interrupted', 130],
] as const)('%j, %s: exit %i', (kinds, ending, code) => {
  const cells = kinds.map((kind) => ({ status: { kind } }) as unknown as CellResult);
  expect(exitCodeOfSweep({ cells, ending, notCleaned: undefined })).toBe(code);
  if (code === 0) expect(exitCodeOfSweep({ cells, ending, notCleaned: 'no leader' })).toBe(1);
});

function measuredCell(
  cell: Cell,
  { latenciesMs, perSec, status = { kind: 'done' } }: { latenciesMs: number[]; perSec: number; status?: CellStatus },
): MeasuredCell {
  const recorder = new LatencyRecorder();
  for (const ms of latenciesMs) recorder.record(ms * 1e6);
  const series = { name: 'put', ok: latenciesMs.length, fail: 0, unknown: 0, perSec, latency: recorder.figures() };
  return {
    result: {
      ...cell,
      status,
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 1000,
      series: status.kind === 'failed' ? [] : [series],
      cpuPercent: 12.5,
      verdict: undefined,
      runFolder: undefined,
    },
    isWrongInput: false,
    histograms: new Map([['put', recorder.toJSON()]]),
  };
}
