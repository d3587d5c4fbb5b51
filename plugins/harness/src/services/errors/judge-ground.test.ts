import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeGround } from './judge-ground.ts';

const window = { fromMinute: 1000, toMinute: 1059 };
const cluster = (name: string, minutes: readonly number[], isKnown = true) => ({
  cluster: name,
  minutes: new Set(minutes.map((minute) => 1000 + minute)),
  isKnown,
});
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const judge = (a: readonly number[], b: readonly number[]) => judgeGround(cluster('a', a), cluster('b', b), window);

test.each([
  ['nothing', [], [], { kind: 'quiet' }],
  ['only the one', [3, 4], [], { kind: 'alone', cluster: 'a' }],
  ['only the neighbour', [], [3], { kind: 'alone', cluster: 'b' }],
  ['the same minute', [3], [3], { kind: 'together', shared: 1 }],
  ['across a minute’s end', [3], [4], { kind: 'together', shared: 1 }],
  ['most of the fewer', [3, 20, 40], [3, 21, 50, 51, 52], { kind: 'together', shared: 2 }],
  ['different times', [3, 4, 5], [30, 31], { kind: 'apart', shared: 0 }],
  ['now and then beside all the time', [3], range(0, 59), { kind: 'apart', shared: 1 }],
  ['both all the time', range(0, 50), range(5, 59), { kind: 'throughout' }],
])('%s', (_, a, b, verdict) => {
  expect(judge(a, b)).toMatchObject(verdict);
});

test('of what was not read nothing is said', () => {
  expect(judgeGround(cluster('a', [1]), cluster('b', [], false), window)).toEqual({ kind: 'unknown', cluster: 'b' });
});

test('the order of the two changes nothing', () => {
  const minutes = fc.uniqueArray(fc.nat(59));
  fc.assert(
    fc.property(minutes, minutes, (a, b) => {
      const [one, other] = [judge(a, b), judge(b, a)];
      fc.pre(a.length !== b.length);
      expect(other.kind).toBe(one.kind);
      if ('shared' in one && 'shared' in other) expect(other.shared).toBe(one.shared);
    }),
  );
});
