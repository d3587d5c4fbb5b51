import { LatencyRecorder } from '@etcdperf/core/stats';
import { CSV_COLUMNS, type Parameter, type Statistic } from './csv-columns.ts';
import type { CsvSpan } from './csv-span.ts';

/** `pattern-ramp`: loading; `pattern-interval`: a part of what came after it; `pattern-summary`: all of that. */
export type CsvTest = 'pattern-ramp' | 'pattern-interval' | 'pattern-summary';

/** What the file's words for requests stand for: the series that are counted. */
const SERIES = {
  Puts: ['load', 'value put', 'churn put'],
  Dels: ['churn delete'],
  Gets: ['get'],
  'Prefix gets': ['prefix get'],
  Reconnect: ['reconnect'],
  'Watch delivery': ['watch delivery'],
} as const;

type Timed = keyof typeof SERIES;
const NS_PER_US = 1000;

/** The fields of one line, in the order of the columns. */
export function csvFields(
  test: CsvTest,
  span: CsvSpan,
  keySpace: number,
  parameters: Readonly<Record<Parameter, string>>,
): (string | number)[] {
  const values: Readonly<Record<Statistic | Parameter, string | number>> = {
    ...parameters,
    ...statistics(test, span, keySpace),
  };
  return CSV_COLUMNS.map((column) => values[column]);
}

function statistics(test: CsvTest, span: CsvSpan, keySpace: number): Record<Statistic, string | number> {
  const { startedAt, durationMs, counters, levels, late, dropped, series } = span;
  const count = (name: string) => counters[name] ?? 0;
  const perSec = (number: number) => rounded(durationMs === 0 ? 0 : (number * 1000) / durationMs);
  const sum = (which: 'fail' | 'unknown') => [...series.values()].reduce((all, one) => all + one[which], 0);
  const reconnects = SERIES.Reconnect.reduce((all, name) => all + (series.get(name)?.ok ?? 0), 0);
  return {
    test,
    startTime: startedAt,
    'duration (ms)': Math.round(durationMs),
    puts: count('puts'),
    'puts/sec': perSec(count('puts')),
    deletes: count('deletes'),
    'deletes/sec': perSec(count('deletes')),
    'client deletes': count('clientDeletes'),
    'client deletes/sec': perSec(count('clientDeletes')),
    gets: count('gets'),
    'gets/sec': perSec(count('gets')),
    'client gets': count('clientGets'),
    'client gets/sec': perSec(count('clientGets')),
    'key space': keySpace,
    errors: sum('fail') + sum('unknown'),
    ...extremes(span, 'Puts'),
    ...extremes(span, 'Dels'),
    ...extremes(span, 'Gets'),
    Reconnects: reconnects,
    ...extremes(span, 'Reconnect'),
    'puts bytes/sec': perSec(count('putBytes')),
    'gets bytes/sec': perSec(count('getBytes')),
    watchers: levels.watchers ?? 0,
    'watch events': count('watchEvents'),
    'watch events/sec': perSec(count('watchEvents')),
    'prefix gets': count('prefixGets'),
    'prefix gets/sec': perSec(count('prefixGets')),
    'client prefix gets': count('clientPrefixGets'),
    'client prefix gets/sec': perSec(count('clientPrefixGets')),
    ...extremes(span, 'Prefix gets'),
    'prefix gets bytes/sec': perSec(count('prefixGetBytes')),
    ...percentiles(span, 'Puts'),
    ...percentiles(span, 'Dels'),
    ...percentiles(span, 'Gets'),
    ...percentiles(span, 'Prefix gets'),
    ...percentiles(span, 'Watch delivery'),
    fail: sum('fail'),
    unknown: sum('unknown'),
    late,
    dropped,
    leases: levels.leases ?? 0,
    'watch gaps': count('watchGaps'),
  };
}

/** Where nothing was answered these are 0, as they always were: scripts read them as numbers. */
function extremes<Kind extends Exclude<Timed, 'Watch delivery'>>(span: CsvSpan, kind: Kind) {
  const latency = latencyOf(span, kind);
  const { minMs, meanMs, maxMs } = latency.summary();
  const us = (ms: number) => (latency.count === 0 ? 0 : rounded(ms * 1000));
  return {
    [`${kind} mean RT(μs)`]: us(meanMs),
    [`${kind} min RT(μs)`]: us(minMs),
    [`${kind} max RT(μs)`]: us(maxMs),
  } as Record<`${Kind} ${'mean' | 'min' | 'max'} RT(μs)`, number>;
}

/** Empty where nothing was answered. */
function percentiles<Kind extends Exclude<Timed, 'Reconnect'>>(span: CsvSpan, kind: Kind) {
  const latency = latencyOf(span, kind);
  const us = (percent: number) => (latency.count === 0 ? '' : rounded(latency.percentile(percent) / NS_PER_US));
  return {
    [`${kind} p50 RT(μs)`]: us(50),
    [`${kind} p90 RT(μs)`]: us(90),
    [`${kind} p99 RT(μs)`]: us(99),
    [`${kind} p99.9 RT(μs)`]: us(99.9),
  } as Record<`${Kind} ${'p50' | 'p90' | 'p99' | 'p99.9'} RT(μs)`, number | string>;
}

function latencyOf({ series }: CsvSpan, kind: Timed): LatencyRecorder {
  const all = new LatencyRecorder();
  for (const name of SERIES[kind]) {
    const latency = series.get(name)?.latency;
    if (latency !== undefined) all.merge(latency);
  }
  return all;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
