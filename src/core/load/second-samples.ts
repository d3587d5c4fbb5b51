import { readEvents } from '../runs/index.ts';
import type { IntervalSample } from './interval-sample.ts';
import { SAMPLES_FILE } from './load-recording.ts';

interface Second {
  minMs: number;
  maxMs: number;
  sumMs: number;
  count: number;
  spanMs: number;
}

/**
 * A run's seconds as CSV, as etcd's own tool prints them with --sample: all series together, times in ms, answers per
 * second. Intervals longer than a second stay one line. Read from the run folder, since a run can be long.
 */
export async function secondSamplesCsv(runFolder: string): Promise<string> {
  const seconds = new Map<number, Second>();
  for await (const sample of readEvents<IntervalSample>(runFolder, SAMPLES_FILE)) {
    const unixSecond = Math.floor((Date.parse(sample.at) - (sample.toMs - sample.fromMs)) / 1000);
    const second = seconds.get(unixSecond) ?? newSecond();
    seconds.set(unixSecond, second);
    add(second, sample);
  }
  const lines = [...seconds].map(([unixSecond, { minMs, maxMs, sumMs, count, spanMs }]) => {
    const perSec = Math.round((count * 1000) / Math.max(spanMs, 1000));
    return count === 0
      ? `${unixSecond},,,,0`
      : `${unixSecond},${ms(minMs)},${ms(sumMs / count)},${ms(maxMs)},${perSec}`;
  });
  return ['UNIX-SECOND,MIN-LATENCY-MS,AVG-LATENCY-MS,MAX-LATENCY-MS,AVG-THROUGHPUT', ...lines].join('\n');
}

function newSecond(): Second {
  return { minMs: Number.POSITIVE_INFINITY, maxMs: Number.NEGATIVE_INFINITY, sumMs: 0, count: 0, spanMs: 0 };
}

function add(second: Second, { series, fromMs, toMs }: IntervalSample): void {
  second.spanMs += toMs - fromMs;
  for (const { latency } of series) {
    // In JSON, what was never measured is null.
    if (latency.count === 0) continue;
    second.minMs = Math.min(second.minMs, latency.minMs);
    second.maxMs = Math.max(second.maxMs, latency.maxMs);
    second.sumMs += latency.meanMs * latency.count;
    second.count += latency.count;
  }
}

function ms(value: number): string {
  return String(Number(value.toFixed(3)));
}
