import { expect, test } from 'vitest';
import type { LoadReport } from '../load/index.ts';
import { LatencyRecorder } from '../stats/index.ts';
import { renderFinding } from './render-load-judgement.ts';
import { renderLoadReport } from './render-load-report.ts';

function series(name: string, ms: readonly number[], fail = 0, unknown = 0): LoadReport['series'][number] {
  const recorder = new LatencyRecorder();
  for (const one of ms) recorder.record(one * 1e6);
  const [latency, histogram] = [recorder.figures(), recorder.toJSON()];
  return { name, ok: ms.length, fail, unknown, perSec: ms.length / 2, latency, histogram };
}

const closed: LoadReport = {
  command: 'bench:put',
  runFolder: '/runs/1',
  startedAt: '2026-02-03T04:05:06.789Z',
  durationMs: 2000,
  drainMs: 3,
  ending: { kind: 'complete' },
  plan: {
    pace: { kind: 'closed' },
    end: { kind: 'total', requests: 4 },
    warmupMs: 0,
    connections: 1,
    clients: 2,
    maxInFlight: 2,
    timeoutMs: 5000,
    threads: 1,
    seed: 1,
  },
  endpoints: ['http://127.0.0.1:2379'],
  series: [series('put', [1, 2, 2, 4])],
  errors: [],
  sent: 4,
  late: 0,
  dropped: 0,
  lateness: undefined,
  missedRate: undefined,
  counters: {},
  generator: {
    cpuPercent: 12.3,
    threadCpuPercent: 11,
    machineCpuPercent: 40,
    eventLoopLagP99Ms: 1.234,
    rssMb: 71.6,
    verdict: undefined,
  },
  members: [],
  findings: [],
  thresholds: [],
};

test('the plainest report', () => {
  expect(
    renderLoadReport(closed, { width: 40 }),
  ).toBe(`bench:put: 4 requests in 2 s, closed loop, 2 clients, 1 connection
2026-02-03T04:05:06.789Z to http://127.0.0.1:2379

             PUT
ok             4
fail           0
unknown        0
rate         2/s
min         1 ms
mean     2.25 ms
stddev   1.09 ms
p10         1 ms
p25         1 ms
p50         2 ms
p75         2 ms
p90         4 ms
p95         4 ms
p99         4 ms
p99.9       4 ms
p99.99      4 ms
max         4 ms

  1 ms – 1.5 ms │██████████▌           1
1.5 ms –   2 ms │                      0
  2 ms – 2.5 ms │█████████████████████ 2
2.5 ms –   3 ms │                      0
  3 ms – 3.5 ms │                      0
3.5 ms –   4 ms │                      0
  4 ms – 4.5 ms │██████████▌           1

generator: 12 % of a core (16 requests per CPU second), event loop 1.23 ms late (p99), 72 MB; this machine 40 % busy

run: /runs/1`);
});

test('the fullest report', () => {
  const lateness = new LatencyRecorder();
  for (const ms of [0.1, 0.1, 8]) lateness.record(ms * 1e6);
  const text = renderLoadReport({
    ...closed,
    plan: { ...closed.plan, pace: { kind: 'open', ratePerSec: 5000 }, maxInFlight: 100, threads: 2, connections: 10 },
    ending: { kind: 'aborted', threshold: 'abort:fail<1' },
    drainMs: 1500,
    series: [series('read', [0.5]), series('write', [], 3, 12)],
    errors: [
      { message: 'etcdserver: too many requests', outcome: 'fail', count: 3 },
      { message: 'connection reset', outcome: 'unknown', count: 12 },
    ],
    late: 1,
    dropped: 7,
    lateness: lateness.figures(),
    missedRate: { askedPerSec: 5000, reachedPerSec: 4210.4, isInFlightFull: true },
    counters: { keysReturned: 1234 },
    generator: { ...closed.generator, verdict: 'the generator was the limit' },
    members: [
      {
        name: 'm1',
        endpoint: 'http://a:2379',
        version: '3.6.16',
        isLeader: true,
        cpuPercent: 79.4,
        memoryMb: 61.74,
        memoryGrowthMb: 29.9,
        dbSizeMb: 3.9,
        dbGrowthMb: -0.5,
        fsyncP50Ms: 0.8,
        fsyncP99Ms: 4,
        commitP50Ms: 0.53,
        commitP99Ms: 6.6,
        leaderChanges: 1,
        slowApplies: 2,
        failedProposals: 0,
        problem: undefined,
      },
      {
        name: 'm2',
        endpoint: 'http://b:2379',
        version: undefined,
        isLeader: undefined,
        cpuPercent: undefined,
        memoryMb: undefined,
        memoryGrowthMb: undefined,
        dbSizeMb: undefined,
        dbGrowthMb: undefined,
        fsyncP50Ms: undefined,
        fsyncP99Ms: undefined,
        commitP50Ms: undefined,
        commitP99Ms: undefined,
        leaderChanges: undefined,
        slowApplies: undefined,
        failedProposals: undefined,
        problem: 'no answer from /metrics: connection refused',
      },
    ],
    findings: [{ kind: 'quota', message: '95 % of the quota is used', hint: 'compact and defragment' }],
    thresholds: [
      { text: 'p99<50ms', series: 'read', actual: 0.5, isMet: true },
      { text: 'p99<50ms', series: 'write', actual: Number.NaN, isMet: false },
      { text: 'rate>5000/s', series: 'all', actual: 4210.4, isMet: false },
      { text: 'ok>=99.9%', series: 'all', actual: 6.25, isMet: false },
      { text: 'abort:fail<1', series: 'all', actual: 3, isMet: false },
    ],
  });
  const paragraphs = text.split('\n\n');
  expect(paragraphs[0]).toBe(
    `bench:put: 4 requests in 2 s, open loop at 5000/s, at most 100 in flight, latency from the intended start, 10 connections, 2 threads
2026-02-03T04:05:06.789Z to http://127.0.0.1:2379
for the last 1.5 s nothing was sent, answers were waited for
aborted, since an interval missed the threshold abort:fail<1`,
  );
  expect(paragraphs[1]!.split('\n').slice(0, 6)).toEqual([
    '           READ  WRITE',
    'ok            1      0',
    'fail          0      3',
    'unknown       0     12',
    'rate      0.5/s    0/s',
    'min      500 µs      –',
  ]);
  // A histogram only of what there is.
  expect(paragraphs[2]).toMatch(/^read:\n500 µs/);
  expect(paragraphs.slice(3).join('\n\n')).toBe(`ERRORS
     3  fail     etcdserver: too many requests
    12  unknown  connection reset

sends: 1 of 4 late (more than 1 ms after they were due), 7 dropped; behind by p50 100 µs, p99 8 ms, max 8 ms
warning: the rate could not be held: 5000/s asked for, 4210/s sent; as many requests as allowed (100) were without an answer

keysReturned: 1234

MEMBER          VERSION   CPU           MEMORY       DATABASE  FSYNC P50   P99  COMMIT P50     P99
m1      leader  3.6.16   79 %  61.7 MB (+29.9)  3.9 MB (−0.5)     800 µs  4 ms      530 µs  6.6 ms
m2              –           –                –              –          –     –           –       –
m1: 1 leader changes, 2 slow applies
m2: no answer from /metrics: connection refused

generator: 12 % of a core (16 requests per CPU second), event loop 1.23 ms late (p99), 72 MB; this machine 40 % busy
warning: the generator was the limit
note: 95 % of the quota is used (compact and defragment)

THRESHOLD     SERIES  MEASURED
p99<50ms      read      500 µs  met
p99<50ms      write    nothing  MISSED
rate>5000/s   all       4210/s  MISSED
ok>=99.9%     all       6.25 %  MISSED
abort:fail<1  all            3  MISSED

run: /runs/1`);
});

test('nothing answered', () => {
  const text = renderLoadReport({ ...closed, ending: { kind: 'interrupted' }, series: [series('put', [])] });
  expect(text).toContain('\ninterrupted: these are the figures until then\n');
  expect(text).toMatch(/\nmax +–\n\ngenerator/);
  expect(renderLoadReport({ ...closed, ending: { kind: 'stopped', reason: 'a: no space' } })).toContain(
    '\nstopped: a: no space\n',
  );
  expect(renderLoadReport({ ...closed, series: [] })).toContain('\nnothing was counted\n');
});

test('precise times are in ms with all their digits', () => {
  const text = renderLoadReport(closed, { isPrecise: true });
  expect(text).toMatch(/\nmean +2\.250000 ms\n/);
  expect(text).toMatch(/\nstddev +1\.0\d{5} ms\n/);
});

test('a report read from JSON, where NaN is null, is rendered the same', () => {
  const report = {
    ...closed,
    series: [series('put', [])],
    thresholds: [{ text: 'p99<1s', series: 'put', actual: Number.NaN, isMet: false }],
  };
  expect(renderLoadReport(JSON.parse(JSON.stringify(report)))).toBe(renderLoadReport(report));
});

test('a finding with and without advice', () => {
  expect(renderFinding({ kind: 'other', message: 'so it is' })).toBe('note: so it is');
  expect(renderFinding({ kind: 'other', message: 'so it is', hint: 'do that' })).toBe('note: so it is (do that)');
});

test('one of several loads: no histograms, no folder, and counters on few lines, without those of nothing', () => {
  const counters = { ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`counter${i}`, 1000 + i])), none: 0 };
  const text = renderLoadReport({ ...closed, counters }, { isPart: true });
  expect(text).toContain(
    'counted: counter0 1000, counter1 1001, counter2 1002, counter3 1003, counter4 1004, counter5 1005,\n  counter6 1006, ',
  );
  expect(text).not.toMatch(/none|│|run: /);
});
