import { InputError } from '../errors/index.ts';

/** `p99<50ms`, `put.p99.9<=1s`, `ok>=99.9%`, `rate>5000/s`, `unknown<1`; see `parseThreshold`. */
export interface Threshold {
  /** As the user wrote it. */
  readonly text: string;
  /** Only this series. Else latencies are meant of each series, rates and counts of all together. */
  readonly series: string | undefined;
  readonly metric: ThresholdMetric;
  readonly is: '<' | '<=' | '>' | '>=';
  /** Of latencies in ms, of rates per second. */
  readonly limit: number;
  /** The run ends as soon as an interval misses it. */
  readonly abort: boolean;
}

export type CountedOutcome = 'ok' | 'fail' | 'unknown' | 'late' | 'dropped';

export type ThresholdMetric =
  | { readonly kind: 'percentile'; readonly percent: number }
  | { readonly kind: 'latency'; readonly which: 'min' | 'mean' | 'max' | 'stddev' }
  | { readonly kind: 'rate' }
  | { readonly kind: 'count'; readonly which: CountedOutcome }
  /** Of all outcomes; of late and dropped ones: of all that should have been sent. */
  | { readonly kind: 'percent'; readonly which: CountedOutcome };

export interface ThresholdResult {
  readonly text: string;
  /** `all` for what is counted over all series. */
  readonly series: string;
  /** In the threshold's unit: ms, per second, percent, or a count. NaN (in JSON: null) where nothing was measured. */
  readonly actual: number;
  readonly isMet: boolean;
}

const SHAPE =
  /^(?<abort>abort:)?(?:(?<series>[A-Za-z][\w -]*)\.)??(?<metric>p\d{1,3}(?:\.\d+)?|min|mean|avg|max|stddev|rate|ok|fail|unknown|late|dropped)\s*(?<is><=|>=|<|>)\s*(?<number>\d+(?:\.\d+)?)(?<unit>ns|us|µs|ms|s|m|h|%|\/s|\/m|\/h)?$/;
const MS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const PER_SEC = { '/s': 1, '/m': 1 / 60, '/h': 1 / 3600 } as const;

/**
 * Reads `[abort:][series.]metric<limit`. Metrics and their limits:
 *
 * - `p50` … `p99.99`, `min`, `mean` (or `avg`), `max`, `stddev`: a duration (`50ms`, `1s`, `250us`)
 * - `rate`: `5000/s`, `/m`, `/h`, or plain for per second
 * - `ok`, `fail`, `unknown`, `late`, `dropped`: a count, or `99.9%`
 *
 * Throws InputError for anything else.
 */
export function parseThreshold(text: string): Threshold {
  const { abort, series, metric: name, is, number, unit } = SHAPE.exec(text.trim())?.groups ?? {};
  if (name === undefined) throw wrong(text, 'is no threshold');
  const value = Number(number);
  const metric = metricOf(text, name, unit);
  return {
    text,
    series,
    metric,
    is: is as Threshold['is'],
    limit: limitOf(text, metric, value, unit),
    abort: abort !== undefined,
  };
}

function metricOf(text: string, name: string, unit: string | undefined): ThresholdMetric {
  switch (name) {
    case 'min':
    case 'max':
    case 'stddev':
      return { kind: 'latency', which: name };
    case 'mean':
    case 'avg':
      return { kind: 'latency', which: 'mean' };
    case 'rate':
      return { kind: 'rate' };
    case 'ok':
    case 'fail':
    case 'unknown':
    case 'late':
    case 'dropped':
      return { kind: unit === '%' ? 'percent' : 'count', which: name };
    default: {
      const percent = Number(name.slice(1));
      if (percent > 100) throw wrong(text, 'asks for a percentile above 100');
      return { kind: 'percentile', percent };
    }
  }
}

function limitOf(text: string, metric: ThresholdMetric, value: number, unit = ''): number {
  switch (metric.kind) {
    case 'percentile':
    case 'latency':
      if (unit in MS) return value * MS[unit as keyof typeof MS];
      throw wrong(text, 'needs a duration such as 50ms');
    case 'rate':
      if (unit === '') return value;
      if (unit in PER_SEC) return value * PER_SEC[unit as keyof typeof PER_SEC];
      throw wrong(text, 'needs a rate such as 5000/s');
    case 'percent':
      if (value <= 100) return value;
      throw wrong(text, 'asks for more than 100 %');
    case 'count':
      if (unit === '') return value;
      throw wrong(text, 'needs a count such as 1, or a share such as 0.1%');
    default:
      return metric satisfies never;
  }
}

function wrong(text: string, why: string): InputError {
  return new InputError(`'${text}' ${why}`, {
    where: '--threshold',
    hint: "write it like 'p99<50ms', 'put.p99.9<=1s', 'rate>5000/s', 'ok>=99.9%', 'unknown<1', or 'abort:fail<1'",
  });
}
