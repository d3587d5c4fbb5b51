export { type BucketCount, bucketCounts } from './bucket-counts.ts';
export { formatMs, formatNs } from './format-duration.ts';
export { formatSize } from './format-size.ts';
export { type GeneratorUsage, generatorUsage } from './generator-usage.ts';
export { type LatencyFigures, LatencyRecorder, type LatencySummary, type RecorderJson } from './latency-recorder.ts';
export { type HistogramOptions, renderHistogram } from './render-histogram.ts';
export { type EventLoopLag, watchEventLoopLag } from './watch-event-loop-lag.ts';
