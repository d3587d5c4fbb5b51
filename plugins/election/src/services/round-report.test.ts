import { describe, expect, test } from 'vitest';
import type { ElectionEvent } from '../protocol/index.ts';
import { ExperimentRecord } from './experiment-record.ts';
import { type RoundQuestion, reportRound } from './round-report.ts';

const startNs = 1_800_000_000_000_000_000n;
const ns = (ms: number) => startNs + BigInt(Math.round(ms * 1e6));
const tNs = (ms: number) => String(ns(ms));

/** Two candidates on their own hosts, three agents on a third; `m1-1` is killed at 0 ms. */
function record(): ExperimentRecord {
  const record = new ExperimentRecord();
  const candidate = (host: string, event: ElectionEvent) => record.add({ host, process: 'candidate' }, event);
  const agent = (index: number, notifiedMs: number, gotMs: number) => {
    const origin = { host: 'a1', process: 'agents' };
    const identity = `a1-${index}`;
    record.add(origin, {
      e: 'agent',
      identity,
      round: 2,
      master: 'm2-1',
      notifiedNs: tNs(notifiedMs),
      gotNs: tNs(gotMs),
      tNs: tNs(gotMs),
      rev: 20,
      deleteRev: 18,
      attempts: 1,
      payload: 'current',
    });
    record.add(origin, { e: 'recorded', identity, round: 2, tNs: tNs(gotMs + 1) });
  };
  candidate('m1', {
    e: 'granted',
    identity: 'm1-1',
    leaseId: '1',
    ttlSeconds: 2,
    askedSeconds: 1,
    tNs: tNs(-9000),
  });
  candidate('m1', { e: 'elected', identity: 'm1-1', round: 1, rev: 10, from: null, tNs: tNs(-8000) });
  record.endTerms('m1-1', ns(0));
  candidate('m2', { e: 'granted', identity: 'm2-1', leaseId: '2', ttlSeconds: 2, askedSeconds: 1, tNs: tNs(-9000) });
  candidate('m2', { e: 'notified', identity: 'm2-1', round: 2, rev: 18, tNs: tNs(1901) });
  candidate('m2', { e: 'elected', identity: 'm2-1', round: 2, rev: 19, from: 'm1-1', tNs: tNs(1903) });
  candidate('m2', { e: 'payload', identity: 'm2-1', round: 2, rev: 20, tNs: tNs(1904) });
  agent(0, 1900, 1906);
  agent(1, 1902, 1910);
  return record;
}

const question: RoundQuestion = {
  firstRound: 2,
  round: 2,
  outcome: 'complete',
  kill: { candidate: 'm1-1', host: 'm1', beforeNs: ns(-1), afterNs: ns(1), grantedTtlSeconds: 2, refreshMs: 500 },
  expected: new Set(['a1-0', 'a1-1', 'a1-2']),
  clockErrors: new Map([
    ['m1', 0.25],
    ['m2', 0.5],
    ['a1', 2],
  ]),
  asOfNs: ns(5000),
};

describe('the report of a round', () => {
  const report = reportRound(record(), question);

  test('says who, when, and what was to be expected', () => {
    expect(report).toMatchObject({ round: 2, from: 'm1-1', to: 'm2-1', floorMs: 1500, grantedTtlSeconds: 2 });
    expect(report.killedAt).toBe('2027-01-15T08:00:00.000000Z');
  });

  test('has the phases, with the error bars of the two hosts and of the kill', () => {
    expect(report.elected).toEqual({ ms: 1903, clockErrorMs: 1.75 });
    expect(report.phases).toEqual({
      expiry: { ms: 1900, clockErrorMs: 3.25 },
      notification: { ms: 1, clockErrorMs: 2.5 },
      election: { ms: 2, clockErrorMs: 0 },
      payload: { ms: 1, clockErrorMs: 0 },
      agents: { ms: 6, clockErrorMs: 2.5 },
    });
  });

  test('has what agents measured, and who is missing', () => {
    expect(report.notified).toMatchObject({ count: 2, minMs: 1900, meanMs: 1901, maxMs: 1902, clockErrorMs: 3.25 });
    expect(report.obtained).toMatchObject({ count: 2, minMs: 6, meanMs: 7, maxMs: 8, clockErrorMs: 0 });
    expect(report).toMatchObject({ missed: 1, missing: ['a1-2'], overlaps: 0 });
  });

  test('finds a moment with two masters', () => {
    const doubled = record();
    doubled.add(
      { host: 'm3', process: 'candidate' },
      { e: 'elected', identity: 'm3-1', round: 2, rev: 25, from: 'm1-1', tNs: tNs(2000) },
    );
    expect(reportRound(doubled, question)).toMatchObject({
      to: 'm3-1',
      overlaps: 1,
      overlapMoments: [{ stale: 'm2-1', rightful: 'm3-1', staleRev: 19, rightfulRev: 25, ms: 3000 }],
    });
  });

  test('says that nobody took over', () => {
    expect(reportRound(new ExperimentRecord(), question)).toMatchObject({
      to: null,
      elected: null,
      phases: null,
      missed: 3,
      notified: { count: 0 },
    });
  });
});

test('a master that was killed by somebody, and started anew, has not believed until then', () => {
  const known = record();
  const origin = { host: 'm2', process: 'candidate' };
  known.add(origin, {
    e: 'started',
    process: 'candidate',
    identity: 'm2-1',
    pid: 7,
    algorithm: 'one-key',
    tNs: tNs(4900),
  });
  known.add(
    { host: 'm3', process: 'candidate' },
    { e: 'elected', identity: 'm3-1', round: 3, rev: 25, from: 'm2-1', tNs: tNs(4000) },
  );
  expect(reportRound(known, { ...question, firstRound: 3, round: 3 })).toMatchObject({ to: 'm3-1', overlaps: 0 });
});

test('a master that lost the office before anybody could follow is passed over, and counted', () => {
  const restless = record();
  restless.add(
    { host: 'm2', process: 'candidate' },
    { e: 'lost', identity: 'm2-1', round: 2, rev: 19, reason: 'lease-expired', tNs: tNs(3900) },
  );
  restless.add(
    { host: 'm3', process: 'candidate' },
    { e: 'elected', identity: 'm3-1', round: 3, rev: 25, from: 'm2-1', tNs: tNs(4000) },
  );
  const report = reportRound(restless, { ...question, round: 3 });
  expect(report).toMatchObject({ to: 'm3-1', superseded: 1, overlaps: 0, elected: { ms: 4000 } });
  // The kill's own expiry, and not that of the master in between.
  expect(report.phases?.expiry.ms).toBe(1901);
});
