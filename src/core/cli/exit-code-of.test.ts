import { expect, test } from 'vitest';
import type { LoadReport } from '../load/index.ts';
import { exitCodeOf } from './exit-code-of.ts';

const one = (ok: number) => [{ ok }] as unknown as LoadReport['series'];
const met = [{ text: 'fail<1', series: 'all', actual: 0, isMet: true }];
const missed = [{ text: 'fail<1', series: 'all', actual: 2, isMet: false }];

test.each<[string, Pick<LoadReport, 'ending' | 'series' | 'thresholds'>, number]>([
  ['complete', { ending: { kind: 'complete' }, series: one(1), thresholds: met }, 0],
  ['a threshold missed', { ending: { kind: 'complete' }, series: one(1), thresholds: missed }, 3],
  ['aborted', { ending: { kind: 'aborted', threshold: 'fail<1' }, series: one(1), thresholds: missed }, 3],
  ['stopped', { ending: { kind: 'stopped', reason: 'no space' }, series: one(1), thresholds: missed }, 1],
  ['nothing succeeded', { ending: { kind: 'complete' }, series: one(0), thresholds: missed }, 1],
  ['interrupted', { ending: { kind: 'interrupted' }, series: one(0), thresholds: missed }, 130],
])('%s', (_, report, code) => {
  expect(exitCodeOf(report as LoadReport)).toBe(code);
});
