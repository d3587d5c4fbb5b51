import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { Series } from './series.ts';
import { parseThreshold, type ThresholdMetric } from './threshold.ts';
import { type CountedWindow, checkThreshold } from './threshold-check.ts';

describe('parseThreshold', () => {
  test.each([
    ['p99<50ms', undefined, { kind: 'percentile', percent: 99 }, '<', 50],
    ['put.p99.9<=1s', 'put', { kind: 'percentile', percent: 99.9 }, '<=', 1000],
    ['value put.p99<1s', 'value put', { kind: 'percentile', percent: 99 }, '<', 1000],
    ['p50 < 250us', undefined, { kind: 'percentile', percent: 50 }, '<', 0.25],
    ['range.max<2m', 'range', { kind: 'latency', which: 'max' }, '<', 120_000],
    ['avg<=1.5ms', undefined, { kind: 'latency', which: 'mean' }, '<=', 1.5],
    ['stddev<100ms', undefined, { kind: 'latency', which: 'stddev' }, '<', 100],
    ['rate>5000/s', undefined, { kind: 'rate' }, '>', 5000],
    ['rate>=5000', undefined, { kind: 'rate' }, '>=', 5000],
    ['txn-write.rate>7200/h', 'txn-write', { kind: 'rate' }, '>', 2],
    ['ok>=99.9%', undefined, { kind: 'percent', which: 'ok' }, '>=', 99.9],
    ['unknown<1', undefined, { kind: 'count', which: 'unknown' }, '<', 1],
    ['late<0.1%', undefined, { kind: 'percent', which: 'late' }, '<', 0.1],
    // A series may be called as a metric is.
    ['max.max<1s', 'max', { kind: 'latency', which: 'max' }, '<', 1000],
    ['p99.p99.9<1s', 'p99', { kind: 'percentile', percent: 99.9 }, '<', 1000],
  ] satisfies [string, string | undefined, ThresholdMetric, string, number][])(
    '%s',
    (text, series, metric, is, limit) => {
      expect(parseThreshold(text)).toEqual({ text, series, metric, is, limit, abort: false });
      const aborting = { text: `abort:${text}`, series, metric, is, limit, abort: true };
      expect(parseThreshold(`abort:${text}`)).toEqual(aborting);
    },
  );

  test.each([
    '',
    'p99',
    'p99<',
    'p99<50',
    'p99=50ms',
    'p101<1s',
    'p<1s',
    'p99<-1ms',
    'p99<1e3ms',
    'rate>5ms',
    'rate>50%',
    'ok>=101%',
    'fail<1ms',
    'fastest<1s',
    'abort:',
    'stop:fail<1',
    '.p99<1s',
    'p99<50ms,max<1s',
  ])('%j is refused, with a hint', (text) => {
    expect(() => parseThreshold(text)).toThrow(InputError);
    expect(() => parseThreshold(text)).toThrow(
      expect.objectContaining({ where: '--threshold', hint: expect.any(String) }),
    );
  });

  test('whatever is written is either understood or refused as input', () => {
    const part = fc.constantFrom(
      'abort:',
      'put.',
      'p99',
      '.',
      '9',
      'max',
      'rate',
      'ok',
      '<',
      '>=',
      '=',
      '50',
      'ms',
      '%',
      '/s',
      ' ',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const { limit, metric } = parseThreshold(text);
            expect(Number.isFinite(limit)).toBe(true);
            expect(metric.kind).toBeTypeOf('string');
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
    );
  });

  test('what is made of the parts is read as the parts', () => {
    const duration = fc.record({
      value: fc.integer({ min: 0, max: 10_000 }),
      unit: fc.constantFrom('ns', 'us', 'ms', 's', 'm'),
    });
    const factor = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60_000 };
    fc.assert(
      fc.property(
        fc.option(fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/), { nil: undefined }),
        fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100),
        fc.constantFrom('<', '<=', '>', '>=' as const),
        duration,
        fc.boolean(),
        (series, percent, is, { value, unit }, abort) => {
          const text = `${abort ? 'abort:' : ''}${series === undefined ? '' : `${series}.`}p${percent}${is}${value}${unit}`;
          const threshold = parseThreshold(text);
          expect(threshold).toMatchObject({ text, series, metric: { kind: 'percentile', percent }, is, abort });
          expect(threshold.limit).toBeCloseTo(value * factor[unit as keyof typeof factor], 6);
        },
      ),
    );
  });
});

describe('checkThreshold', () => {
  const series = (name: string, ms: readonly number[], fail = 0, unknown = 0) => {
    const one = new Series(name);
    for (const latency of ms) one.latency.record(latency * 1e6);
    return Object.assign(one, { ok: ms.length, fail, unknown });
  };
  const window: CountedWindow = {
    series: [series('put', [1, 2, 3, 4], 1), series('range', [10, 20], 0, 3)],
    sent: 95,
    late: 5,
    dropped: 5,
    durationMs: 2000,
  };
  const check = (text: string) =>
    checkThreshold(parseThreshold(text), window).map(({ series: name, actual, isMet }) => [
      name,
      Number(actual.toPrecision(2)),
      isMet,
    ]);

  test('latencies of each series', () => {
    expect(check('p50<5ms')).toEqual([
      ['put', 2, true],
      ['range', 10, false],
    ]);
    expect(check('max<=20ms')).toEqual([
      ['put', 4, true],
      ['range', 20, true],
    ]);
    expect(check('range.mean>15ms')).toEqual([['range', 15, false]]);
  });

  test('latencies of a kind that had nothing to do are nobody’s; of one that only failed they are missing', () => {
    const some = { ...window, series: [series('put', [1]), series('reconnect', []), series('range', [], 2)] };
    const p99 = checkThreshold(parseThreshold('p99<5ms'), some);
    expect(p99.map(({ series: name, isMet }) => [name, isMet])).toEqual([
      ['put', true],
      ['range', false],
    ]);
    expect(checkThreshold(parseThreshold('reconnect.p99<5ms'), some)[0]!.isMet).toBe(false);
  });

  test('rates and counts of all together, or of one', () => {
    expect(check('rate>=3/s')).toEqual([['all', 3, true]]);
    expect(check('range.rate>1')).toEqual([['range', 1, false]]);
    expect(check('ok>=60%')).toEqual([['all', 60, true]]);
    expect(check('put.ok>80%')).toEqual([['put', 80, false]]);
    expect(check('fail<1')).toEqual([['all', 1, false]]);
    expect(check('put.unknown<1')).toEqual([['put', 0, true]]);
    expect(check('unknown<=3')).toEqual([['all', 3, true]]);
    expect(check('late<5%')).toEqual([['all', 5, false]]);
    expect(check('dropped<6')).toEqual([['all', 5, true]]);
  });

  test('what was never measured meets nothing', () => {
    const nothing = { ...window, series: [series('put', [])] };
    for (const text of ['p99<1s', 'p99>0ms', 'ok>=0%', 'range.fail<1'])
      expect(checkThreshold(parseThreshold(text), nothing)).toMatchObject([{ actual: Number.NaN, isMet: false }]);
    expect(checkThreshold(parseThreshold('fail<1'), nothing)).toMatchObject([{ actual: 0, isMet: true }]);
  });
});
