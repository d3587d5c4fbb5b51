/** `p99<50ms`, `put.p99.9<=1s`, `ok>=99.9%`, `rate>5000/s`, `unknown<1`; see `parseThreshold`. */
export interface Threshold {
  /** As the user wrote it. */
  readonly text: string;
  /** Only this series; else each of them. */
  readonly series: string | undefined;
  readonly metric: ThresholdMetric;
  readonly is: '<' | '<=' | '>' | '>=';
  /** Of latencies in ms. */
  readonly limit: number;
  /** The run ends as soon as an interval misses it. */
  readonly abort: boolean;
}

export type ThresholdMetric =
  | { readonly kind: 'percentile'; readonly percent: number }
  | { readonly kind: 'latency'; readonly which: 'min' | 'mean' | 'max' | 'stddev' }
  | { readonly kind: 'rate' }
  | { readonly kind: 'okPercent' }
  | { readonly kind: 'count'; readonly which: 'ok' | 'fail' | 'unknown' | 'late' | 'dropped' };

export interface ThresholdResult {
  readonly text: string;
  readonly series: string;
  readonly actual: number;
  readonly isMet: boolean;
}
