import { expect, test } from 'vitest';
import type { Moment } from './observations.ts';
import { type Milestones, roundPhases } from './round-phases.ts';

const at = (host: string, ms: number): Moment => ({ host, atNs: BigInt(Math.round(ms * 1e6)) });

const errors = new Map([
  ['m1', 0.5],
  ['m2', 0.25],
  ['a1', 2],
]);

test.each<[string, Milestones, number[], number[]]>([
  [
    'three hosts: whatever crosses two has both error bars',
    {
      killed: at('m1', 0),
      gone: at('a1', 1800),
      notified: at('m2', 1801.5),
      elected: at('m2', 1804),
      payload: at('m2', 1806),
      lastAgent: at('a1', 1850),
    },
    [1800, 1.5, 2.5, 2, 44],
    [2.5, 2.25, 0, 0, 2.25],
  ],
  [
    'one host: no error bars',
    {
      killed: at('here', 0),
      gone: at('here', 2000),
      notified: at('here', 2000),
      elected: at('here', 2001),
      payload: at('here', 2002),
      lastAgent: at('here', 2010),
    },
    [2000, 0, 1, 1, 8],
    [0, 0, 0, 0, 0],
  ],
])('%s', (_name, milestones, ms, clockErrorMs) => {
  const phases = Object.values(roundPhases(milestones, errors));
  expect(phases.map((phase) => phase.ms)).toEqual(ms);
  expect(phases.map((phase) => phase.clockErrorMs)).toEqual(clockErrorMs);
});
