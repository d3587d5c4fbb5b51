import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Belief, findOverlaps } from './find-overlaps.ts';

const ms = (value: number) => BigInt(value) * 1_000_000n;

function belief(candidate: string, rev: number, fromMs: number, untilMs: number | undefined): Belief {
  const untilNs = untilMs === undefined ? undefined : ms(untilMs);
  return { candidate, host: `host-${candidate}`, round: rev, rev, fromNs: ms(fromMs), untilNs };
}

test.each<[string, Belief[], number, string[]]>([
  ['one after the other', [belief('a', 1, 0, 100), belief('b', 2, 2000, 3000)], 0, []],
  ['a stale master that believed 40 ms too long', [belief('a', 1, 0, 140), belief('b', 2, 100, 300)], 0, ['a>b 40']],
  ['the same, within the clocks’ error', [belief('a', 1, 0, 140), belief('b', 2, 100, 300)], 25, []],
  ['the old one never noticed', [belief('a', 1, 0, undefined), belief('b', 2, 100, 300)], 0, ['a>b 200']],
  ['nobody ever noticed', [belief('b', 2, 100, undefined), belief('a', 1, 0, undefined)], 0, ['a>b 900']],
  ['one master only', [belief('a', 1, 0, undefined)], 0, []],
])('%s', (_name, beliefs, errorMs, expected) => {
  const errors = new Map([
    ['host-a', errorMs],
    ['host-b', errorMs],
  ]);
  const found = findOverlaps(beliefs, errors, ms(1000));
  expect(found.map((overlap) => `${overlap.stale}>${overlap.rightful} ${overlap.ms}`)).toEqual(expected);
});

test('terms that follow one another never overlap, in whatever order their events arrive', () => {
  const terms = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(terms, fc.boolean(), (lengths, reversed) => {
      let at = 0;
      const beliefs = lengths.map(([held, vacant], index) => {
        const from = at;
        at = from + held + vacant;
        return belief(String(index), index + 1, from, from + held);
      });
      return findOverlaps(reversed ? beliefs.reverse() : beliefs, new Map(), ms(at)).length === 0;
    }),
  );
});
