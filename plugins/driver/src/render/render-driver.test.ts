import { expect, test } from 'vitest';
import type { DriverReport } from '../services/driver-report.ts';
import { renderDriver } from './render-driver.ts';

const REPORT: DriverReport = {
  command: 'driver:run',
  runFolder: '/runs/1',
  startedAt: '2026-01-01T00:00:00.000Z',
  name: 'pod-7',
  ip: '10.0.0.1',
  endpoints: ['http://127.0.0.1:2379'],
  pattern: '/a/%k-%d[7];#10',
  keySpace: 7,
  ending: { kind: 'complete' },
  ramp: undefined,
  steady: undefined,
  missedRates: [],
  pauses: [],
  verification: undefined,
  counters: {},
  gaps: [],
  unwritten: undefined,
  csv: undefined,
  findings: [],
};

test('what went well is short', () => {
  expect(renderDriver(REPORT)).toBe('driver:run: pod-7, 7 keys of /a/%k-%d[7];#10\n\nrun: /runs/1');
});

test.each<[string, Partial<DriverReport>]>([
  ['ended by the end key', { ending: { kind: 'end-key' } }],
  ['interrupted: these are the figures until then', { ending: { kind: 'interrupted' } }],
  ['stopped: pod-8 took its place', { ending: { kind: 'superseded', reason: 'pod-8 took its place' } }],
  ['aborted, since an interval missed the threshold p99<1s', { ending: { kind: 'aborted', threshold: 'p99<1s' } }],
  ['gap: no load from A to B: no process of this driver was there', { gaps: [{ from: 'A', to: 'B' }] }],
  ['pause: no writes from A to B: no space', { pauses: [{ from: 'A', to: 'B', reason: 'no space' }] }],
  ['pause: no writes from A to the end: no space', { pauses: [{ from: 'A', to: undefined, reason: 'no space' }] }],
  ['csv: x.csv', { csv: { file: 'x.csv', problem: undefined } }],
  ['csv: x.csv; warning: lines are missing: ENOSPC', { csv: { file: 'x.csv', problem: 'ENOSPC' } }],
  ['run: /runs/1; warning: not whole: ENOSPC', { unwritten: 'ENOSPC' }],
  ['note: nearly full (compact)', { findings: [{ kind: 'quota', message: 'nearly full', hint: 'compact' }] }],
])('%s', (line, parts) => {
  expect(renderDriver({ ...REPORT, ...parts }).split('\n')).toContain(line);
});

test('rates that were not held, and findings of the verification, are tables', () => {
  const text = renderDriver({
    ...REPORT,
    missedRates: [{ kind: 'value put', askedPerSec: 1000, reachedPerSec: 12.345, dropped: 988 }],
    verification: {
      verdict: 'faulty',
      why: [],
      followedKeys: 5,
      ofKeys: 7,
      checkedWrites: 50,
      checkedReads: 3,
      readAtEnd: 5,
      checkedEvents: 40,
      unknownWrites: 1,
      findings: [{ kind: 'missing-key', key: '/a/k-3', revision: 12, at: 'then', detail: 'put acknowledged' }],
      counts: { 'missing-key': 3 },
      gaps: { count: 1, first: [{ watcher: 1, fromRevision: 5, toRevision: 9, at: 'then' }] },
    },
  });
  expect(text).toMatch(/^value put +1000\/s +12\.3\/s +988$/m);
  expect(text).toMatch(/^verification: FAULTY/m);
  expect(text).toContain(
    '5 of 7 keys followed: 50 acknowledged writes, 40 events, 3 reads during the run, 5 at the end',
  );
  expect(text).toContain('1 gap: compaction overtook watchers, the first at revisions 5 to 9');
  expect(text).toMatch(/^missing-key +\/a\/k-3 +12 +then +put acknowledged$/m);
  expect(text).toMatch(/^and 2 more: 3 missing-key in all$/m);
});
