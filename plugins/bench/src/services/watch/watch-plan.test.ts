import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WatchKeySpace } from './watch-keys.ts';
import { planKeyWatchers, planTreeWatchers, type WatchPlan } from './watch-plan.ts';

/** Which watchers see a write to a key: by their targets, as etcd would have it, and by the plan. */
function seenBy(plan: WatchPlan, key: number) {
  const text = plan.keys.key(key).toString();
  const watchers = plan.targets.map((_, watcher) => watcher);
  const ranges = new Set(plan.rangesOf(key));
  return {
    byTarget: watchers.filter((watcher) => {
      const { key: watched, prefix } = plan.targets[watcher]!;
      return prefix === true ? text.startsWith(watched.toString()) : text === watched.toString();
    }),
    byPlan: watchers.filter((watcher) => ranges.has(plan.rangeOf[watcher]!)),
  };
}

test('the plan of a tree knows who sees what', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 0, max: 30 }),
      (levels, ofKeys, ofBranches) => {
        const keys = new WatchKeySpace({ prefix: 'tree/', levels, digits: 2 });
        const plan = planTreeWatchers(keys, { keys: ofKeys, branches: ofBranches });
        expect(plan.targets).toHaveLength(ofKeys + ofBranches);
        expect(plan.targets.filter(({ prefix }) => prefix === true)).toHaveLength(ofBranches);
        expect(plan.isNested).toBe(ofBranches > 0);
        for (let key = 0; key < keys.size; key += 1) {
          const { byTarget, byPlan } = seenBy(plan, key);
          expect(byPlan).toEqual(byTarget);
        }
      },
    ),
  );
});

test('watchers take turns with keys; keys of a tree are watched evenly, branches of all levels', () => {
  const flat = new WatchKeySpace({ prefix: 'flat/', levels: [10], digits: 2 });
  const plan = planKeyWatchers(flat, [3, 7, 3], 6, { prevKv: true, startRevision: 5 });
  expect(plan.targets.map(({ key }) => key.toString())).toEqual(
    ['03', '07', '03', '03', '07', '03'].map((digits) => `flat/${digits}`),
  );
  expect(plan).toMatchObject({ ranges: 2, isNested: false });
  expect(plan.targets[0]).toMatchObject({ prevKv: true, startRevision: 5 });

  const tree = new WatchKeySpace({ prefix: 'tree/', levels: [2, 2], digits: 1 });
  const { targets } = planTreeWatchers(tree, { keys: 4, branches: 4 });
  const of = (isBranch: boolean) =>
    targets.filter(({ prefix }) => (prefix === true) === isBranch).map(({ key }) => key.toString());
  expect(of(false)).toEqual(['tree/0/0', 'tree/0/1', 'tree/1/0', 'tree/1/1']);
  expect(of(true)).toEqual(['tree/', 'tree/0/', 'tree/', 'tree/1/']);
});
