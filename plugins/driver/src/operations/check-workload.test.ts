import { InputError } from '@etcdperf/core/errors';
import type { Workload } from '@etcdperf/core/workload';
import { expect, test } from 'vitest';
import { openSpace, WORKLOAD } from '../testing/driver-space.ts';
import { checkWorkload } from './check-workload.ts';

const space = openSpace('/check/region/:ip/%a-%d[3]/%b-%d[4];#10');

function problemsOf(parts: Partial<Workload>) {
  try {
    checkWorkload({ ...WORKLOAD, ...parts }, space);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ where, message }) => `${where ?? ''}: ${message}`);
  }
}

const churn = (level: number, percent = 10, ratePerSec = 1) => ({ subtreeChurn: { level, percent, ratePerSec } });
const reads = { ratePerSec: 1, keysOnly: false, serializable: false, full: true };

test('what can be done', () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ ...churn(4, 100), valueChurn: { ratePerSec: 0.01 }, reads: { ...reads, level: 4 } })).toEqual([]);
  expect(problemsOf({ load: undefined, reads: { ...reads, level: 0 } })).toEqual([]);
});

test.each<[string, Partial<Workload>, readonly RegExp[]]>([
  ['churn on level 0', churn(0), [/^--churn-level \(subtreeChurn.level\): .*level 0/]],
  ['churn above the own keys', churn(1), [/^--churn-level .*: churn on level 1, above :ip, would delete/]],
  ['churn beyond the hierarchy', churn(5), [/^--churn-level .*: level 5 is beyond .* 4$/]],
  ['reads beyond the hierarchy', { reads: { ...reads, level: 7 } }, [/^--get-level .*: level 7 is beyond/]],
  [
    'more levels watched than there are',
    { watches: { perLevel: [0, 0, 0, 0, 0, 'every'], prefix: false, rereadIntervalMs: undefined } },
    [/^--watch-counts-per-level .*: level 5 is beyond/],
  ],
  [
    'a negative number of watchers, read again at once',
    { watches: { perLevel: [-1], prefix: false, rereadIntervalMs: 0 } },
    [/^--watch-prefix-get-interval .*: 0: it must be/, /^--watch-counts-per-level .*: -1 watchers/],
  ],
  ['nothing to do', { load: undefined }, [/^: nothing is loaded/]],
  [
    'several numbers at once',
    { ...churn(3, 101, 0), load: { ratePerSec: -1 }, clients: 0, timeoutMs: Number.NaN },
    [/--put-rate/, /--churn-level-rate/, /--client-timeout/, /--churn-level-pct/, /--clients/],
  ],
])('%s', (_name, parts, expected) => {
  const problems = problemsOf(parts);
  expect(problems).toHaveLength(expected.length);
  expected.forEach((line, index) => {
    expect(problems[index]).toMatch(line);
  });
});
