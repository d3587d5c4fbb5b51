import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@etcdperf/core/errors';
import type { IntervalSample } from '@etcdperf/core/load';
import { LatencyRecorder } from '@etcdperf/core/stats';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCsv, readCsv } from '../../testing/parse-csv.ts';
import { CSV_COLUMNS, PARAMETERS, type Parameter } from './csv-columns.ts';
import { csvFields } from './csv-fields.ts';
import { CsvFile } from './csv-file.ts';
import { csvLine } from './csv-line.ts';
import { SpanBuilder } from './csv-span.ts';

/** Copied from what users' spreadsheets are made for; never to be changed. */
const OLD_STATISTICS =
  'test,startTime,duration (ms),puts,puts/sec,deletes,deletes/sec,client deletes,client deletes/sec,gets,gets/sec,client gets,client gets/sec,key space,errors,Puts mean RT(μs),Puts min RT(μs),Puts max RT(μs),Dels mean RT(μs),Dels min RT(μs),Dels max RT(μs),Gets mean RT(μs),Gets min RT(μs),Gets max RT(μs),Reconnects,Reconnect mean RT(μs),Reconnect min RT(μs),Reconnect max RT(μs),puts bytes/sec,gets bytes/sec,watchers,watch events,watch events/sec,prefix gets,prefix gets/sec,client prefix gets,client prefix gets/sec,Prefix gets mean RT(μs),Prefix gets min RT(μs),Prefix gets max RT(μs),prefix gets bytes/sec';
const OLD_PARAMETERS =
  'churn-level,churn-level-pct,churn-level-rate,churn-val-rate,client-timeout,clients,conns,do-not-exit,endpoints,etcd-reconnect-count,file-comment,full-get-read,get-keys-only,get-level,get-rate,pattern,put-rate,serializable-gets,skip-init,stats-interval,test-end-key,total,val-spec,verbose,watch-counts-per-level,watch-prefix-get-interval,watch-with-prefix';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'etcdperf-csv-'));
  path = join(dir, 'driver.csv');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the header begins and ends with the columns that there always were', () => {
  const header = csvLine(CSV_COLUMNS).trimEnd();
  expect(header.startsWith(`${OLD_STATISTICS},`)).toBe(true);
  expect(header.endsWith(`,${OLD_PARAMETERS}`)).toBe(true);
  expect(new Set(CSV_COLUMNS).size).toBe(CSV_COLUMNS.length);
  const added = header.slice(OLD_STATISTICS.length + 1, -OLD_PARAMETERS.length - 1).split(',');
  for (const kind of ['Puts', 'Dels', 'Gets', 'Prefix gets'])
    for (const percentile of ['p50', 'p90', 'p99', 'p99.9']) expect(added).toContain(`${kind} ${percentile} RT(μs)`);
  expect(added).toEqual(expect.arrayContaining(['fail', 'unknown', 'late', 'dropped']));
});

test('whatever a field holds is read back by a CSV reader', () => {
  const record = fc.array(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'μ', ' ') }), { minLength: 2 });
  fc.assert(
    fc.property(record, record, (one, two) => {
      const other = one.map((_, index) => two[index % two.length]!);
      expect(parseCsv(csvLine(one) + csvLine(other))).toEqual([one, other]);
    }),
  );
});

const parameters = Object.fromEntries(PARAMETERS.map((name) => [name, `the ${name}`])) as Record<Parameter, string>;

function sample(
  fromMs: number,
  toMs: number,
  latenciesMs: Readonly<Record<string, readonly number[]>>,
): IntervalSample {
  const series = Object.entries(latenciesMs).map(([name, all]) => {
    const latency = new LatencyRecorder();
    for (const ms of all) latency.record(ms * 1e6);
    const [fail, unknown] = [1, 2];
    const counts = { ok: all.length, fail, unknown, perSec: 0 };
    return { name, ...counts, latency: latency.figures(), histogram: latency.toCoarseJSON(6) };
  });
  return {
    at: new Date(Date.UTC(2026, 0, 1) + toMs).toISOString(),
    fromMs,
    toMs,
    series,
    errors: [],
    sent: 0,
    late: 3,
    dropped: 4,
    inFlight: 0,
    lateness: undefined,
    counters: { puts: toMs, putBytes: toMs * 10, deletes: toMs / 2, watchers: 7, watchEvents: toMs * 3 },
    generator: { cpuPercent: 0, eventLoopLagP99Ms: 0, rssMb: 0 },
  };
}

test('a line holds what was counted since the one before', () => {
  const builder = new SpanBuilder();
  const lines: string[] = [];
  const write = () => lines.push(csvLine(csvFields('pattern-interval', builder.take()!, 120_000, parameters)));
  builder.add(sample(0, 1000, { load: [1], 'value put': [3], get: [] }));
  builder.add(sample(1000, 2000, { load: [8], 'churn put': [4], get: [] }));
  write();
  expect(builder.take()).toBeUndefined();
  builder.add(sample(2000, 2500, { 'churn delete': [2], get: [5], reconnect: [6, 8] }));
  write();
  const [first, second] = readCsv(csvLine(CSV_COLUMNS) + lines.join(''));

  expect(first).toMatchObject({
    test: 'pattern-interval',
    startTime: '2026-01-01T00:00:00.000Z',
    'duration (ms)': '2000',
    puts: '2000',
    'puts/sec': '1000',
    'puts bytes/sec': '10000',
    'key space': '120000',
    errors: '18',
    fail: '6',
    unknown: '12',
    late: '6',
    dropped: '8',
    'Puts mean RT(μs)': '4000',
    'Puts min RT(μs)': '1000',
    'Puts max RT(μs)': '8000',
    'Gets max RT(μs)': '0',
    'Gets p99 RT(μs)': '',
    watchers: '7',
    'watch events/sec': '3000',
    'churn-level': 'the churn-level',
    'watch-with-prefix': 'the watch-with-prefix',
  });
  expect(Number(first!['Puts p99 RT(μs)'])).toBeCloseTo(8000, -2);
  expect(second).toMatchObject({
    startTime: '2026-01-01T00:00:02.000Z',
    'duration (ms)': '500',
    puts: '500',
    'puts/sec': '1000',
    deletes: '250',
    'Puts mean RT(μs)': '0',
    'Puts p50 RT(μs)': '',
    'Dels mean RT(μs)': '2000',
    'Gets mean RT(μs)': '5000',
    Reconnects: '2',
    'Reconnect mean RT(μs)': '7000',
    watchers: '7',
  });
});

describe('the file', () => {
  test('has one header, however often it is continued', () => {
    for (const record of ['1', '2']) {
      using file = CsvFile.open(path);
      file.append(CSV_COLUMNS.map(() => record));
    }
    const records = parseCsv(readFileSync(path, 'utf8'));
    expect(records.map(([first]) => first)).toEqual(['test', '1', '2']);
  });

  test('half a line of a process that was cut off stays alone', () => {
    using _made = CsvFile.open(path);
    appendFileSync(path, 'pattern-inter');
    using file = CsvFile.open(path);
    file.append(CSV_COLUMNS.map(() => 'whole'));
    expect(readFileSync(path, 'utf8').split('\n').slice(1)).toEqual([
      'pattern-inter',
      CSV_COLUMNS.map(() => 'whole').join(','),
      '',
    ]);
  });

  test.each([
    ['other columns', 'test,startTime\n'],
    ['something else', '#!/bin/sh\n'],
  ])('with %s it is refused, and left alone', (_, content) => {
    writeFileSync(path, content);
    expect(() => CsvFile.open(path)).toThrow(InputError);
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('where it can’t be, that is told before anything else', () => {
    expect(() => CsvFile.open(join(dir, 'nowhere', 'driver.csv'))).toThrow(/can't write .*ENOENT/);
    expect(() => CsvFile.open(dir)).toThrow(InputError);
  });

  test('on a full disk lines are missed, and that is told', () => {
    // Linux’s own full disk: it opens, reads as zeros, and refuses every write.
    expect(() => CsvFile.open('/dev/full')).toThrow(InputError);
  });
});
