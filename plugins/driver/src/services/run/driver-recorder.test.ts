import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IntervalSample } from '@etcdperf/core/load';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCsv } from '../../testing/parse-csv.ts';
import { PARAMETERS, type Parameter } from '../csv/csv-columns.ts';
import { CsvFile } from '../csv/csv-file.ts';
import { DriverRecorder } from './driver-recorder.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'etcdperf-recorder-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** The durations of the lines that samples ending at these times make. */
function rowsOf(statsIntervalMs: number | undefined, endsMs: readonly number[]): number[] {
  const path = join(dir, 'driver.csv');
  const parameters = Object.fromEntries(PARAMETERS.map((name) => [name, ''])) as Record<Parameter, string>;
  using file = CsvFile.open(path);
  const settings = { file: path, parameters, statsIntervalMs };
  const problem = (text: string) => expect.unreachable(text);
  const recorder = new DriverRecorder({
    csv: { file, settings },
    metrics: undefined,
    keySpace: 1,
    onCsvProblem: problem,
  });
  recorder.begin('steady');
  for (const [index, toMs] of endsMs.entries()) {
    const fromMs = endsMs[index - 1] ?? 0;
    const at = new Date(Date.UTC(2026, 0, 1) + toMs).toISOString();
    const sample = { at, fromMs, toMs, series: [], counters: {}, late: 0, dropped: 0 };
    recorder.interval('steady', sample as unknown as IntervalSample);
  }
  return readCsv(readFileSync(path, 'utf8')).map((row) => Number(row['duration (ms)']));
}

test('a line for each interval, although its sample comes a little early or late', () => {
  expect(rowsOf(1000, [1000, 1999, 2999, 4003, 4998])).toEqual([1000, 999, 1000, 1004, 995]);
});

test('of several samples one line', () => {
  expect(rowsOf(3000, [1000, 1999, 2999, 4003, 5001, 6000])).toEqual([2999, 3001]);
});

test('intervals in which nothing came in are part of the next line', () => {
  expect(rowsOf(1000, [1000, 3500, 4000, 5000])).toEqual([1000, 2500, 500, 1000]);
});

test('no lines where none are wanted', () => {
  expect(rowsOf(undefined, [1000, 2000])).toEqual([]);
});
