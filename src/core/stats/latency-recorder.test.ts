import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatencyRecorder } from './latency-recorder.ts';

/** Nanoseconds from one to hours, all sizes alike. */
const duration = fc.oneof(
  fc.integer({ min: 0, max: 4096 }),
  fc.double({ min: 0, max: 44, noNaN: true }).map((power) => Math.floor(2 ** power)),
  fc.constantFrom(0, 1, 1023, 1024, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER),
);
const durations = fc.array(duration, { minLength: 1, maxLength: 200 });

function recorded(values: readonly number[]): LatencyRecorder {
  const recorder = new LatencyRecorder();
  for (const value of values) recorder.record(value);
  return recorder;
}

describe('LatencyRecorder', () => {
  test('percentiles are within 0.2 % of the exact ones', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 100, noNaN: true }), (values, percent) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1]!;
        expect(Math.abs(recorded(values).percentile(percent) - exact)).toBeLessThanOrEqual(exact * 0.002);
      }),
    );
  });

  test('count, smallest, biggest and mean are exact', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const summary = recorded(values).summary();
        expect(summary.count).toBe(values.length);
        expect(summary.minMs).toBe(Math.min(...values) / 1e6);
        expect(summary.maxMs).toBe(Math.max(...values) / 1e6);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length / 1e6;
        expect(summary.meanMs).toBeCloseTo(mean, 6);
      }),
    );
  });

  test('recorded several times at once, it is as if recorded again and again', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 20 }), (values, times) => {
        const atOnce = new LatencyRecorder();
        for (const value of values) atOnce.record(value, times);
        const { sumNs, ...rest } = atOnce.toJSON();
        const again = recorded(values.flatMap((value) => new Array<number>(times).fill(value)));
        const { sumNs: sumOfAll, ...all } = again.toJSON();
        expect(rest).toEqual(all);
        expect(sumNs / Math.max(1, sumOfAll)).toBeCloseTo(sumOfAll === 0 ? 0 : 1, 9);
      }),
    );
  });

  test('merged, it is as if all had been recorded in one, also through JSON', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 4 }), (parts) => {
        const merged = new LatencyRecorder();
        for (const part of parts) {
          merged.merge(LatencyRecorder.fromJSON(JSON.parse(JSON.stringify(recorded(part)))));
        }
        const { sumNs, ...rest } = merged.toJSON();
        const { sumNs: sumOfAll, ...all } = recorded(parts.flat()).toJSON();
        expect(rest).toEqual(all);
        // The order of a floating-point sum shows in its last digits.
        expect(sumNs / Math.max(1, sumOfAll)).toBeCloseTo(sumOfAll === 0 ? 0 : 1, 9);
      }),
    );
  });

  test('figures are those of a spreadsheet, within 0.2 %', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const figures = recorded(values).figures();
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
        const biggest = Math.max(...values);
        expect(Math.abs(figures.meanMs * 1e6 - mean)).toBeLessThanOrEqual(1 + mean * 1e-9);
        expect(Math.abs(figures.stddevMs * 1e6 - deviation)).toBeLessThanOrEqual(biggest * 0.002 + 1);
        expect(figures.maxMs).toBe(biggest / 1e6);
        const { minMs, p10Ms, p25Ms, p50Ms, p75Ms, p90Ms, p95Ms, p99Ms, p999Ms, p9999Ms, maxMs } = figures;
        const rising = [minMs, p10Ms, p25Ms, p50Ms, p75Ms, p90Ms, p95Ms, p99Ms, p999Ms, p9999Ms, maxMs];
        expect(rising).toEqual(rising.toSorted((a, b) => a - b));
      }),
    );
  });

  test('coarse JSON keeps count, smallest, biggest and mean, and percentiles within 1 %; fine and coarse merge', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 100, noNaN: true }), (values, percent) => {
        const fine = recorded(values);
        const coarse = LatencyRecorder.fromJSON(JSON.parse(JSON.stringify(fine.toCoarseJSON(6))));
        expect({ ...coarse.toJSON(), slots: [] }).toEqual({ ...fine.toJSON(), slots: [] });
        const exact = fine.percentile(percent);
        expect(Math.abs(coarse.percentile(percent) - exact)).toBeLessThanOrEqual(exact * 0.01);
        fine.merge(coarse);
        expect(fine.count).toBe(values.length * 2);
        expect(Math.abs(fine.percentile(percent) - exact)).toBeLessThanOrEqual(exact * 0.01);
      }),
    );
  });

  test('coarse JSON is small for whatever was recorded', () => {
    const recorder = new LatencyRecorder();
    for (let i = 0; i < 100_000; i++) recorder.record(100_000 * 1000 ** (i / 100_000));
    expect(JSON.stringify(recorder.toCoarseJSON(6)).length).toBeLessThan(4000);
  });

  test('countBelow counts what is below, within 0.2 %', () => {
    fc.assert(
      fc.property(durations, duration, (values, limit) => {
        const below = recorded(values).countBelow(limit);
        expect(below).toBeGreaterThanOrEqual(values.filter((value) => value < limit * 0.998).length);
        expect(below).toBeLessThanOrEqual(values.filter((value) => value < limit * 1.002 + 1).length);
      }),
    );
  });

  test('JSON is small: a million durations of one kind take as much as one', () => {
    const recorder = new LatencyRecorder();
    for (let i = 0; i < 1_000_000; i++) recorder.record(1_500_000);
    expect(JSON.stringify(recorder).length).toBeLessThan(150);
  });

  test('with nothing recorded there are no figures, in JSON null', () => {
    const { count, ...figures } = new LatencyRecorder().summary();
    expect(count).toBe(0);
    expect(Object.values(figures).every(Number.isNaN)).toBe(true);
    expect(JSON.parse(JSON.stringify(figures)).p99Ms).toBeNull();
    expect(LatencyRecorder.fromJSON(new LatencyRecorder().toJSON()).summary()).toEqual({ count, ...figures });
  });

  test('what is negative, between two clocks, shows in the smallest and the mean', () => {
    const { minMs, meanMs, maxMs } = recorded([-3e6, 1e6]).summary();
    expect([minMs, meanMs, maxMs]).toEqual([-3, -1, 1]);
    expect(recorded([-3e6]).percentile(50)).toBe(-3e6);
  });

  test('what is no duration is refused', () => {
    const recorder = new LatencyRecorder();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
      expect(() => recorder.record(value)).toThrow(RangeError);
    }
    expect(recorder.count).toBe(0);
    const json = recorded([1, 2, 3]).toJSON();
    expect(() => LatencyRecorder.fromJSON({ ...json, precision: 10 })).toThrow('another kind');
    expect(() => LatencyRecorder.fromJSON({ ...json, count: 4 })).toThrow('3 of 4');
    expect(() => LatencyRecorder.fromJSON({ ...json, slots: [1e9, 3] })).toThrow('no such slot');
  });
});
