import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMs, formatNs } from './format-duration.ts';
import { LatencyRecorder } from './latency-recorder.ts';
import { renderHistogram } from './render-histogram.ts';

function recorded(values: readonly number[]): LatencyRecorder {
  const recorder = new LatencyRecorder();
  for (const value of values) recorder.record(value);
  return recorder;
}

const ms = (values: readonly number[]) => recorded(values.map((value) => value * 1e6));

describe('renderHistogram', () => {
  test('even steps where the values are near each other', () => {
    expect(renderHistogram(ms([100, 110, 110, 110, 130, 149]), { width: 40, maxRows: 5 })).toEqual([
      '100 ms – 110 ms │███████               1',
      '110 ms – 120 ms │█████████████████████ 3',
      '120 ms – 130 ms │                      0',
      '130 ms – 140 ms │███████               1',
      '140 ms – 150 ms │███████               1',
    ]);
  });

  test('steps of 1, 2, 5, 10 where they are far apart', () => {
    const lines = renderHistogram(ms([0.3, 1, 4, 4, 70]), { width: 50 });
    expect(lines.map((line) => line.replace(/│.* /, '│ '))).toEqual([
      '200 µs – 500 µs │ 1',
      '500 µs –   1 ms │ 0',
      '  1 ms –   2 ms │ 1',
      '  2 ms –   5 ms │ 2',
      '  5 ms –  10 ms │ 0',
      ' 10 ms –  20 ms │ 0',
      ' 20 ms –  50 ms │ 0',
      ' 50 ms – 100 ms │ 1',
    ]);
  });

  test('nothing but zeros, on the scale that has none', () => {
    expect(renderHistogram(recorded([0, 0]), { width: 40, scale: 'log' })).toEqual([
      '0 ns – 2 ns │█████████████████████████ 2',
    ]);
  });

  test('nothing drawn for nothing', () => {
    expect(renderHistogram(new LatencyRecorder())).toEqual([]);
  });

  test('every duration is in one line, no line is wider than asked, and a bar stands where there is one', () => {
    const value = fc.oneof(fc.integer({ min: -1e9, max: 1e12 }), fc.integer({ min: 1, max: 1000 }));
    const scale = fc.constantFrom('auto', 'linear', 'log');
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 40, max: 120 }),
        scale,
        (values, width, scale) => {
          const lines = renderHistogram(recorded(values), { width, scale });
          const counts = lines.map((line) => Number(line.slice(line.lastIndexOf(' '))));
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
          expect(lines.map((line) => /│[█▏▎▍▌▋▊▉]/.test(line))).toEqual(counts.map((count) => count > 0));
          if (scale === 'linear') expect(lines.length).toBeLessThanOrEqual(12);
        },
      ),
    );
  });
});

test.each([
  [0, '0 ns'],
  [999, '999 ns'],
  [999.7, '1 µs'],
  [1234, '1.23 µs'],
  [812_345, '812 µs'],
  [999_700, '1 ms'],
  [45_300_000, '45.3 ms'],
  [2_371_878_911, '2.37 s'],
  [3_600_000_000_000, '3600 s'],
  [-590_000, '-590 µs'],
  [Number.NaN, '–'],
])('%d ns is %s', (ns, text) => {
  expect(formatNs(ns)).toBe(text);
  expect(formatMs(ns / 1e6)).toBe(text);
});
