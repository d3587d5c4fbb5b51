import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FragmentedRevisions } from './fragmented-revisions.ts';

/** What two watchers are told of two revisions each, in fragments, on a stream that breaks now and then. */
function deliver(sizes: readonly number[], fragment: number, breaksAfter: readonly number[]): string[][] {
  const fragments = new FragmentedRevisions();
  const told: string[][] = [[], []];
  const next = [1, 1];
  const breaks = [...breaksAfter];
  let left = breaks.shift() ?? Number.POSITIVE_INFINITY;
  // Each round is a stream: every watcher goes on where it was, in messages of a few events.
  for (let isBroken = true; isBroken; ) {
    isBroken = false;
    for (let watcher = 0; watcher < 2 && !isBroken; watcher += 1) {
      const events = sizes.flatMap((size, index) =>
        index + 1 < next[watcher]! ? [] : Array.from({ length: size }, (_, event) => [index + 1, event] as const),
      );
      for (let at = 0; at < events.length && !isBroken; at += fragment) {
        if (left === 0) {
          isBroken = true;
          left = breaks.shift() ?? Number.POSITIVE_INFINITY;
          break;
        }
        left -= 1;
        for (const [revision, event] of events.slice(at, at + fragment)) {
          next[watcher] = revision + 1;
          if (!fragments.isRepeated(watcher, revision)) told[watcher]!.push(`${revision}/${event}`);
        }
        if (at + fragment < events.length) next[watcher] = fragments.onFragment();
      }
    }
    if (isBroken) fragments.onBreak();
  }
  return told;
}

test('every event is told once and in order, wherever the stream breaks', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  const breaks = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 5 }), breaks, (all, fragment, breaksAfter) => {
      const expected = all.flatMap((size, index) =>
        Array.from({ length: size }, (_, event) => `${index + 1}/${event}`),
      );
      expect(deliver(all, fragment, breaksAfter)).toEqual([expected, expected]);
    }),
  );
});
