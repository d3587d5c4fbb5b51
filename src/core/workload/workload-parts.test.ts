import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { checkLevels } from './check-levels.ts';
import { completeWorkload } from './complete-workload.ts';
import { mergeWorkload } from './merge-workload.ts';
import type { WorkloadParts } from './workload-parts.ts';

const pattern = '/p/%k[2];#1';

describe('one over the other', () => {
  test.each<[string, WorkloadParts, WorkloadParts, WorkloadParts]>([
    ['nothing said changes nothing', { seed: 1, pattern }, { seed: undefined }, { seed: 1, pattern }],
    ['the upper one is right', { seed: 1, pattern }, { seed: 0 }, { seed: 0, pattern }],
    [
      'word by word',
      { reads: { level: 3, ratePerSec: 5, full: true } },
      { reads: { level: undefined, ratePerSec: 9 } },
      { reads: { level: 3, ratePerSec: 9, full: true } },
    ],
    [
      'a part turned off',
      { reads: { level: 3, ratePerSec: 5 }, load: {} },
      { reads: 'off' },
      { reads: 'off', load: {} },
    ],
    ['a part turned on again', { load: 'off' }, { load: { ratePerSec: 3 } }, { load: { ratePerSec: 3 } }],
    [
      'lists as a whole',
      { watches: { perLevel: [0, 1, 2], prefix: true } },
      { watches: { perLevel: ['every'] } },
      { watches: { perLevel: ['every'], prefix: true } },
    ],
    ['rules join', { rules: { a: ['1'], b: ['2'] } }, { rules: { b: ['3'] } }, { rules: { a: ['1'], b: ['3'] } }],
  ])('%s', (_what, under, over, merged) => {
    expect(mergeWorkload(under, over)).toEqual(merged);
  });

  test('of three, it does not matter which two are merged first', () => {
    const reads = fc.record({ level: fc.nat(5), ratePerSec: fc.nat(5), full: fc.boolean() }, { requiredKeys: [] });
    const parts: fc.Arbitrary<WorkloadParts> = fc.record({ reads, seed: fc.nat(3) }, { requiredKeys: [] });
    fc.assert(
      fc.property(parts, parts, parts, (a, b, c) => {
        expect(mergeWorkload(mergeWorkload(a, b), c)).toEqual(mergeWorkload(a, mergeWorkload(b, c)));
      }),
    );
  });
});

describe('what is not said', () => {
  test('has its default', () => {
    expect(completeWorkload({ pattern })).toEqual({
      pattern,
      rules: {},
      valueBytes: undefined,
      keysPerCombination: 1,
      load: { ratePerSec: undefined },
      subtreeChurn: undefined,
      valueChurn: undefined,
      reads: undefined,
      watches: undefined,
      leases: undefined,
      verification: undefined,
      connections: 1,
      clients: 1,
      timeoutMs: 10_000,
      reconnectAfter: 0,
      durationMs: undefined,
      seed: 1,
    });
  });

  test('levels and shares come with a rate, and a part without a rate is off', () => {
    expect(
      completeWorkload({ pattern, subtreeChurn: { ratePerSec: 1 }, reads: { ratePerSec: 2 }, valueChurn: {} }),
    ).toMatchObject({
      subtreeChurn: { level: 1, percent: 10, ratePerSec: 1 },
      reads: { level: 1, keysOnly: false, serializable: false, full: false, ratePerSec: 2 },
      valueChurn: undefined,
    });
    expect(
      completeWorkload({
        pattern,
        subtreeChurn: { level: 5, percent: 5 },
        reads: { level: 7 },
        leases: { ttlSeconds: 9 },
      }),
    ).toMatchObject({ subtreeChurn: undefined, reads: undefined, leases: undefined });
  });

  test('watchers that are none, and parts that are off', () => {
    expect(
      completeWorkload({ pattern, watches: { perLevel: [0, 0], prefix: true }, load: 'off', verification: {} }),
    ).toMatchObject({ watches: undefined, load: undefined, verification: { samplePercent: 100 } });
  });

  test.each<[string, WorkloadParts]>([
    ['there is no pattern', { seed: 1 }],
    ['at least 30 and at most 10', { pattern, valueBytes: { min: 30, max: 10 } }],
  ])('%s', (message, parts) => {
    expect(() => completeWorkload(parts)).toThrow(InputError);
    expect(() => completeWorkload(parts)).toThrow(message);
  });
});

describe('levels of the pattern', () => {
  const levels = ['p', ':ip', '%leaf-%02d[9]'].map((text) => ({ text }));
  const problems = (parts: WorkloadParts) => checkLevels(completeWorkload({ pattern, ...parts }), levels);

  test('those that are there', () => {
    for (const level of [1, 2]) {
      expect(problems({ subtreeChurn: { level, ratePerSec: 1 }, reads: { level, ratePerSec: 1 } })).toEqual([]);
    }
    expect(problems({ reads: { level: 0, ratePerSec: 1 }, watches: { perLevel: [1, 0, 'every', 0, 0] } })).toEqual([]);
  });

  test('churn on level 0, and levels beyond the last', () => {
    const hint = "the pattern's levels are 0 (p), 1 (:ip), 2 (%leaf-%02d[9])";
    const message = "level 3 is beyond the pattern's last level, 2";
    expect(problems({ subtreeChurn: { level: 0, ratePerSec: 1 } })).toEqual([
      { where: 'subtreeChurn.level', message: expect.stringContaining('churn on level 0'), hint },
    ]);
    expect(
      problems({
        subtreeChurn: { level: 3, ratePerSec: 1 },
        reads: { level: 3, ratePerSec: 1 },
        watches: { perLevel: [0, 0, 0, 1] },
      }),
    ).toEqual(['subtreeChurn.level', 'reads.level', 'watches.perLevel'].map((where) => ({ where, message, hint })));
  });
});
