import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeenLines } from './seen-lines.ts';

const line = (atMs: number, n: number) =>
  JSON.stringify({ level: 'info', ts: new Date(atMs).toISOString(), msg: `m${n}` });

test('a log taken up again, wherever it broke, tells each line once', () => {
  const steps = fc.array(fc.record({ afterMs: fc.nat(2500), n: fc.nat(2) }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.nat(), (made, where) => {
      let atMs = 1_800_000_000_000;
      const log = made.map(({ afterMs, n }) => {
        atMs += afterMs;
        return { atMs, text: line(atMs, n) };
      });
      const broke = 1 + (where % log.length);
      const seen = new SeenLines();
      const found = seen.fresh(log.slice(0, broke).map(({ text }) => text));
      const from = seen.takeUp()!.getTime();
      found.push(...seen.fresh(log.filter((one) => one.atMs >= from).map(({ text }) => text)));
      expect(found).toEqual(log.map(({ text }) => text));
    }),
  );
});

test('of a new log all is told', () => {
  const seen = new SeenLines();
  seen.fresh([line(1_800_000_000_000, 1)]);
  seen.takeUp();
  seen.forget();
  expect(seen.takeUp()).toBeUndefined();
  expect(seen.fresh([line(1_800_000_000_000, 1)])).toHaveLength(1);
});
