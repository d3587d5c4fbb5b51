import { expect, test } from 'vitest';
import type { VerificationReport } from '../services/verify/verification-report.ts';
import { renderVerification } from './render-verification.ts';

const CLEAN: VerificationReport = {
  verdict: 'clean',
  why: [],
  followedKeys: 40,
  ofKeys: 80,
  checkedWrites: 700,
  checkedReads: 9,
  readAtEnd: 40,
  checkedEvents: 1400,
  unknownWrites: 2,
  findings: [],
  counts: {},
  gaps: { count: 0, first: [] },
};
const at = '2026-01-01T00:00:00.000Z';

test('clean: what was looked at', () => {
  expect(renderVerification(CLEAN)).toBe(
    'verification: clean\n' +
      '  40 of 80 keys followed: 700 acknowledged writes, 1400 events, 9 reads during the run, 40 at the end; ' +
      '2 writes without an answer',
  );
});

test('gaps are told, and are no fault', () => {
  const gaps = { count: 3, first: [{ watcher: 1, fromRevision: 5, toRevision: 9, at }] };
  const text = renderVerification({ ...CLEAN, gaps });
  expect(text).toContain('verification: clean\n');
  expect(text).toContain('\n  3 gaps: compaction overtook watchers, the first at revisions 5 to 9');
});

test('incomplete: why', () => {
  const text = renderVerification({ ...CLEAN, verdict: 'incomplete', why: ['this', 'that'] });
  expect(text).toMatch(/^verification: nothing wrong was found, but not all could be looked at \(this; that\)\n/);
});

test('faulty: key, revision and time of each, and how many more', () => {
  const findings = [
    { kind: 'missing-key', key: '/a/1', revision: 7, at, detail: "it isn't there" },
    { kind: 'lost-event', key: '/a/2', revision: 0, at, detail: 'never told' },
  ] as const;
  const text = renderVerification({
    ...CLEAN,
    verdict: 'faulty',
    findings,
    counts: { 'missing-key': 1, 'lost-event': 4 },
  });
  expect(text).toMatch(/^verification: FAULTY: /);
  expect(text).toMatch(/missing-key +\/a\/1 +7 +2026-01-01T00:00:00.000Z +it isn't there/);
  expect(text).toMatch(/lost-event +\/a\/2 +– +2026/);
  expect(text).toMatch(/\nand 3 more: 1 missing-key, 4 lost-event in all$/);
});
