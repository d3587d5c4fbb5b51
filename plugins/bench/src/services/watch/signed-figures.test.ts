import { LatencyRecorder } from '@etcdperf/core/stats';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signedFigures } from './signed-figures.ts';

test('figures are those of the sorted list, within 0.2 %', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 200 }), (values) => {
      const early = new LatencyRecorder();
      const late = new LatencyRecorder();
      for (const value of values) if (value < 0) early.record(-value);
      for (const value of values) if (value >= 0) late.record(value);
      const figures = signedFigures(early, late);
      const sorted = values.toSorted((a, b) => a - b);
      const exact = (percent: number) => sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1]! / 1e6;
      expect(figures).toMatchObject({ count: values.length, early: values.filter((value) => value < 0).length });
      expect([figures.minMs, figures.maxMs]).toEqual([exact(0), exact(100)]);
      for (const [name, percent] of [
        ['p1Ms', 1],
        ['p10Ms', 10],
        ['p50Ms', 50],
        ['p90Ms', 90],
        ['p99Ms', 99],
        ['p999Ms', 99.9],
      ] as const) {
        expect(Math.abs(figures[name] - exact(percent))).toBeLessThanOrEqual(Math.abs(exact(percent)) * 0.002 + 1e-6);
      }
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length / 1e6;
      expect(figures.meanMs).toBeCloseTo(mean, 5);
    }),
  );
});

test('nothing recorded: no figures', () => {
  const { count, early, ...figures } = signedFigures(new LatencyRecorder(), new LatencyRecorder());
  expect([count, early]).toEqual([0, 0]);
  expect(Object.values(figures).every(Number.isNaN)).toBe(true);
});
