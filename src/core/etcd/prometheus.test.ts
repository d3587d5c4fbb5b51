import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketQuantile, bucketsBetween, readBuckets } from './prometheus-histogram.ts';
import { parsePrometheus, sumPrometheus } from './prometheus-text.ts';

test('a page is read: comments passed over, labels, timestamps and odd values understood', () => {
  const page = `# HELP up Whether it is.
# TYPE up gauge
up 1
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post", code="400",} 3
path{v="C:\\\\DIR\\\\FILE.TXT",e="a \\"b\\" \\n}"} 1.458255915e+09
nothing{} NaN
most +Inf
least -Inf
  indented 5
broken{a="b 5
also broken
`;
  const metrics = parsePrometheus(page);
  expect([...metrics.keys()]).toEqual(['up', 'http_requests_total', 'path', 'nothing', 'most', 'least']);
  expect(metrics.get('http_requests_total')).toEqual([
    {
      labels: new Map([
        ['method', 'post'],
        ['code', '200'],
      ]),
      value: 1027,
    },
    {
      labels: new Map([
        ['method', 'post'],
        ['code', '400'],
      ]),
      value: 3,
    },
  ]);
  expect([...metrics.get('path')![0]!.labels.values()]).toEqual(['C:\\DIR\\FILE.TXT', 'a "b" \n}']);
  expect(metrics.get('nothing')![0]!.value).toBeNaN();
  expect(metrics.get('most')![0]!.value).toBe(Number.POSITIVE_INFINITY);
  expect(metrics.get('least')![0]!.value).toBe(Number.NEGATIVE_INFINITY);
  expect(['up', 'http_requests_total', 'path', 'nowhere'].map((name) => sumPrometheus(page, name))).toEqual([
    1,
    1030,
    1.458255915e9,
    undefined,
  ]);
});

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,10}$/);
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/);
// Zero is written without its sign.
const sampleValue = fc.double().map((value) => value + 0);
// The format is made of lines: other line ends would be no text for it.
const labelValue = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\r', ''));

test('whatever is written is read again', () => {
  const samples = fc.array(
    fc.tuple(name, fc.dictionary(labelName, labelValue, { noNullPrototype: true }), sampleValue),
  );
  fc.assert(
    fc.property(samples, (list) => {
      const quote = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
      const lines = list.map(([metric, labels, value]) => {
        const pairs = Object.entries(labels).map(([label, text]) => `${label}="${quote(text)}"`);
        const number = Number.isNaN(value) ? 'NaN' : String(value).replace('Infinity', 'Inf');
        return `${metric}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${number}\n`;
      });
      const metrics = parsePrometheus(lines.join(''));
      for (const [metric, found] of metrics) {
        const sum = found.reduce((total, { value }) => total + value, 0);
        expect(sumPrometheus(lines.join(''), metric)).toBe(sum);
      }
      const read = [...metrics].flatMap(([metric, found]) =>
        found.map(({ labels, value }) => [metric, Object.fromEntries(labels), value]),
      );
      const byName = (a: readonly unknown[], b: readonly unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
      const wanted = list.map(([metric, labels, value]) => [metric, { ...labels }, value]);
      const isSame = (a: readonly unknown[], b: readonly unknown[]) => a[0] === b[0];
      expect(read.length).toBe(wanted.length);
      for (const one of wanted) expect(read.filter((other) => isSame(one, other))).toContainEqual(one);
      expect(read.map(([metric]) => metric).sort()).toEqual(
        wanted
          .sort(byName)
          .map(([metric]) => metric)
          .sort(),
      );
    }),
  );
});

test('garbage is passed over', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '"',
    '\\',
    '=',
    ',',
    '#',
    'a',
    'b_1',
    '1e5',
    'NaN',
    '+Inf',
    ' ',
    '\t',
    '\n',
    '\0',
    'é',
  );
  const garbage = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(garbage, (text) => {
      for (const samples of parsePrometheus(text).values())
        for (const { value } of samples) expect(typeof value).toBe('number');
    }),
  );
});

const bounds = [0.001, 0.002, 0.004, 0.008, 0.016, Number.POSITIVE_INFINITY];
const observe = (values: readonly number[]) => ({
  bounds,
  counts: bounds.map((bound) => values.filter((value) => value <= bound).length),
});

test('quantiles of a histogram lie in the bucket where the true one does', () => {
  const observations = fc.array(fc.double({ min: 0, max: 0.016, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(observations, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, quantile) => {
      const found = bucketQuantile(observe(values), quantile)!;
      const sorted = [...values].sort((a, b) => a - b);
      const truth = sorted[Math.ceil(quantile * values.length) - 1]!;
      const bucket = bounds.findIndex((bound) => truth <= bound);
      expect(found).toBeGreaterThanOrEqual(bucket === 0 ? 0 : bounds[bucket - 1]!);
      expect(found).toBeLessThanOrEqual(bounds[bucket]!);
    }),
  );
});

test('within a bucket a quantile is where it would be if all were spread evenly', () => {
  const buckets = { bounds, counts: [0, 100, 100, 200, 200, 200] };
  expect(bucketQuantile(buckets, 0.25)).toBeCloseTo(0.0015, 10);
  expect(bucketQuantile(buckets, 0.5)).toBeCloseTo(0.002, 10);
  expect(bucketQuantile(buckets, 0.75)).toBeCloseTo(0.006, 10);
  expect(bucketQuantile(buckets, 1)).toBeCloseTo(0.008, 10);
});

test('above all bounds the highest is told; of nothing there is no quantile', () => {
  expect(bucketQuantile({ bounds, counts: [0, 0, 0, 0, 0, 5] }, 0.5)).toBe(0.016);
  expect(bucketQuantile({ bounds, counts: [0, 0, 0, 0, 0, 0] }, 0.5)).toBeUndefined();
  expect(bucketQuantile({ bounds: [], counts: [] }, 0.5)).toBeUndefined();
});

test('between two readings only what came in between counts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (old, fresh) => {
        expect(bucketsBetween(observe(old), observe([...old, ...fresh]))).toEqual(observe(fresh));
        expect(bucketsBetween(undefined, observe(fresh))).toEqual(observe(fresh));
      },
    ),
  );
});

test('buckets of several label sets are added', () => {
  const page = `took_bucket{op="a",le="0.1"} 1
took_bucket{op="a",le="+Inf"} 2
took_bucket{op="b",le="0.1"} 10
took_bucket{op="b",le="+Inf"} 20
took_bucket{op="b"} 7`;
  expect(readBuckets(parsePrometheus(page).get('took_bucket')!)).toEqual({
    bounds: [0.1, Number.POSITIVE_INFINITY],
    counts: [11, 22],
  });
  expect(readBuckets([])).toBeUndefined();
});
